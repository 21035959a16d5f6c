import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { type QpruneError, usageError } from "../../core/errors.js";
import { type DataSetInfo, OWN_IMAGES } from "../../data/data-set.js";
import { shownClasses } from "./shown-classes.js";

const placeOf = ({ name }: DataSetInfo, folder: string): string =>
  name === OWN_IMAGES ? `--data ${folder}` : name;

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  String(some) === String(others);

const refusal = (
  { path, net, manifest }: Checkpoint,
  dataSet: DataSetInfo,
  folder: string,
): QpruneError => {
  const told = manifest?.dataSet;
  const own = told?.classNames.length === net.classes ? ` (${shownClasses(told.classNames)})` : "";
  const { classNames } = dataSet;
  const given = `${placeOf(dataSet, folder)} has ${classNames.length} (${shownClasses(classNames)})`;
  const way =
    told?.name === OWN_IMAGES
      ? "Give the folder with the classes of the file with --data"
      : `Choose the data set that the file was trained on with --dataset${told ? ` ${told.name}` : ""}`;
  return usageError(
    `${path} has ${net.classes} classes${own}, but ${given}.`,
    `${way}, or train a net for these classes from the start, without the file.`,
  );
};

/**
 * A file has as many classes as the images that it is trained on or tested with. `folder` is that of --data.
 * @throws QpruneError (usage) that names both sides.
 */
export const checkClasses = (file: Checkpoint, dataSet: DataSetInfo, folder: string): void => {
  if (file.net.classes !== dataSet.classNames.length) throw refusal(file, dataSet, folder);
};

/** What is said where a file of own images goes on with as many others: its outputs get other names. Else empty. */
export const otherClassesNotice = (
  { path, manifest }: Checkpoint,
  { name, classNames }: DataSetInfo,
  folder: string,
): string => {
  const told = manifest?.dataSet;
  const areOwn = told?.name === OWN_IMAGES && name === OWN_IMAGES;
  if (!areOwn || sameNames(told.classNames, classNames)) return "";
  return `${path} tells ${shownClasses(told.classNames)} apart; trained on --data ${folder}, the net will tell ${shownClasses(classNames)} apart.\n`;
};
