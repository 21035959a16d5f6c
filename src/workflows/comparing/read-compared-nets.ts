import { stat } from "node:fs/promises";
import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { isPthFile } from "../../checkpoint/net-files/open-net-file.js";
import { areSameClasses } from "../../data/class-names.js";
import { isOwnImages } from "../../data/data-set.js";
import { netOfArch } from "../nets/net-of-arch.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedSpec } from "../nets/stored-spec.js";
import type { CompareCall } from "./compare-call.js";

const refuse = (message: string): QpruneError =>
  new QpruneError(message, {
    kind: "usage",
    hint: "Compare nets with the same classes, on images of the same size.",
  });

const inputText = ({ spec: { input } }: StoredNet): string =>
  `${input.height}x${input.width}x${input.channels}`;

/** The class names of a file; undefined if it does not record them. */
const classNamesOf = ({ checkpoint }: StoredNet): readonly string[] | undefined =>
  checkpoint.manifest?.dataSet.classNames;

/** The data set of a net whose images are not the user's own. */
const knownDataSetName = ({ checkpoint }: StoredNet): string | undefined => {
  const name = checkpoint.manifest?.dataSet.name;
  return isOwnImages(name) ? undefined : name;
};

/** How two nets with as many, but other classes differ: by their data sets, or by the names of the classes. */
const otherClassesText = (first: StoredNet, other: StoredNet): string => {
  const [one, two] = [first.checkpoint.path, other.checkpoint.path];
  const [dataSet, its] = [first, other].map(knownDataSetName);
  if (dataSet && its)
    return `${one} has the classes of ${dataSet}, but ${two} has those of ${its}.`;
  const [own = [], others = []] = [first, other].map(classNamesOf);
  const missing = own.filter((name) => !others.includes(name));
  const instead = others.filter((name) => !own.includes(name));
  return missing.length === 0
    ? `${one} and ${two} have the same classes in different orders: ${shownNames(own)}; and ${shownNames(others)}.`
    : `${one} has ${shownNames(missing)} among its classes, but ${two} has ${shownNames(instead)} instead.`;
};

/** The number of a net's classes, with the names of the user's own. */
const countText = (net: StoredNet): string => {
  const { name, classNames } = net.checkpoint.manifest?.dataSet ?? {};
  const count = `${net.spec.classes} classes`;
  return isOwnImages(name) && classNames ? `${count} (${shownNames(classNames)})` : count;
};

/** @throws QpruneError (usage) if two nets have different classes or input sizes. */
const checkComparable = (first: StoredNet, other: StoredNet): void => {
  const [one, two] = [first.checkpoint.path, other.checkpoint.path];
  if (first.spec.classes !== other.spec.classes) {
    throw refuse(`${one} has ${countText(first)}, but ${two} has ${countText(other)}.`);
  }
  if (inputText(first) !== inputText(other)) {
    throw refuse(`${one} takes images of ${inputText(first)}, but ${two} of ${inputText(other)}.`);
  }
  const [ownClasses, otherClasses] = [first, other].map(classNamesOf);
  if (ownClasses && otherClasses && !areSameClasses(ownClasses, otherClasses)) {
    throw refuse(otherClassesText(first, other));
  }
};

/** @throws QpruneError (usage) for a folder: the net of a TensorFlow.js graph cannot be read. */
const refuseFolder = async (path: string): Promise<void> => {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return;
  throw usageError(
    `${path} is a folder, but only model files can be compared.`,
    "For a TensorFlow.js folder, give the file that it was exported from.",
  );
};

/**
 * Reads the files to compare. `arch` describes the net of files that record none, and `key` chooses the dict of tensors
 * in .pth files.
 * @throws QpruneError if a file cannot be read, or the nets have different classes or input sizes.
 */
export const readComparedNets = async ({
  options: { files, arch, key },
}: CompareCall): Promise<StoredNet[]> => {
  const described = arch === undefined ? undefined : await netOfArch(arch);
  const nets: StoredNet[] = [];
  for (const file of files) {
    await refuseFolder(file);
    const dict = key !== undefined && (await isPthFile(file)) ? { key } : {};
    const checkpoint = await loadCheckpoint(file, { described, ...dict });
    nets.push({ checkpoint, spec: storedSpec(checkpoint) });
  }
  if (described && nets.every(({ checkpoint }) => checkpoint.manifest)) {
    throw usageError(
      `${option("arch")} describes a net, but all files record theirs.`,
      `Omit ${option("arch")}; it is for state dicts that record no architecture.`,
    );
  }
  const [first, ...others] = nets;
  const recorded = nets.find(({ checkpoint }) => checkpoint.manifest);
  for (const other of others) {
    if (first) checkComparable(first, other);
    if (recorded) checkComparable(recorded, other);
  }
  return nets;
};
