import { stat } from "node:fs/promises";
import { QpruneError, usageError } from "../../base/errors.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { isPthFile } from "../../checkpoint/read-state-file.js";
import { areSameClasses } from "../../data/class-names.js";
import { netOfArch } from "../nets/net-of-arch.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedSpec } from "../nets/stored-spec.js";
import type { CompareCall } from "./compare-call.js";

const refuse = (message: string): QpruneError =>
  new QpruneError(message, {
    kind: "usage",
    hint: "Compare nets that tell the same classes apart, on images of the same size.",
  });

const inputText = ({ spec: { input } }: StoredNet): string =>
  `${input.height}x${input.width}x${input.channels}`;

/** The classes of a file; undefined where it does not tell their names. */
const classNamesOf = ({ checkpoint }: StoredNet): readonly string[] | undefined =>
  checkpoint.manifest?.dataSet.classNames;

/** @throws QpruneError (usage) where two nets do not answer the same question. */
const checkComparable = (first: StoredNet, other: StoredNet): void => {
  const [one, two] = [first.checkpoint.path, other.checkpoint.path];
  if (first.spec.classes !== other.spec.classes) {
    throw refuse(`${one} has ${first.spec.classes} classes, but ${two} has ${other.spec.classes}.`);
  }
  if (inputText(first) !== inputText(other)) {
    throw refuse(`${one} takes images of ${inputText(first)}, but ${two} of ${inputText(other)}.`);
  }
  const [ownClasses, otherClasses] = [first, other].map(classNamesOf);
  if (ownClasses && otherClasses && !areSameClasses(ownClasses, otherClasses)) {
    const [dataSet, its] = [first, other].map(
      ({ checkpoint }) => checkpoint.manifest?.dataSet.name,
    );
    throw refuse(`${one} has the classes of ${dataSet}, but ${two} has those of ${its}.`);
  }
};

/** @throws QpruneError (usage) for a folder: a graph of TensorFlow.js holds no net that could be read. */
const refuseFolder = async (path: string): Promise<void> => {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return;
  throw usageError(
    `${path} is a folder, and only files of nets are compared.`,
    "For a folder of TensorFlow.js give the file that it was exported from.",
  );
};

/**
 * Reads the files that are compared. --arch is the net of those that do not tell theirs, --key the dict of
 * tensors in those that are .pth files.
 * @throws QpruneError for a file that cannot be read, and for nets of other classes or images.
 */
export const readComparedNets = async ({
  options: { files, arch, key },
}: CompareCall): Promise<StoredNet[]> => {
  const described = arch === undefined ? undefined : await netOfArch(arch);
  const nets: StoredNet[] = [];
  for (const file of files) {
    await refuseFolder(file);
    const place = key !== undefined && (await isPthFile(file)) ? { key } : {};
    const checkpoint = await loadCheckpoint(file, { described, ...place });
    nets.push({ checkpoint, spec: storedSpec(checkpoint) });
  }
  if (described && nets.every(({ checkpoint }) => checkpoint.manifest)) {
    throw usageError(
      "--arch describes a net, but all files tell theirs.",
      "Leave --arch out; it is for state dicts that do not tell theirs.",
    );
  }
  const [first, ...others] = nets;
  const told = nets.find(({ checkpoint }) => checkpoint.manifest);
  for (const other of others) {
    if (first) checkComparable(first, other);
    if (told) checkComparable(told, other);
  }
  return nets;
};
