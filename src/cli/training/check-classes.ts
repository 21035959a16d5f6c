import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { type QpruneError, usageError } from "../../core/errors.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { shownClasses } from "./shown-classes.js";

const OWN_IMAGES = "images";

const placeOf = ({ name }: DataSetInfo, folder: string): string =>
  name === OWN_IMAGES ? `--data ${folder}` : name;

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  String(some.toSorted()) === String(others.toSorted());

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
 * A file is not trained on, or tested with, other classes than its own. Those of data sets that come with their
 * classes count alone; own images must have the file's names too. `folder` is that of --data.
 * @throws QpruneError (usage) that names both sides.
 */
export const checkClasses = (file: Checkpoint, dataSet: DataSetInfo, folder: string): void => {
  const told = file.manifest?.dataSet;
  const areOwn = told?.name === OWN_IMAGES && dataSet.name === OWN_IMAGES;
  const isSame = areOwn
    ? sameNames(told.classNames, dataSet.classNames)
    : file.net.classes === dataSet.classNames.length;
  if (!isSame) throw refusal(file, dataSet, folder);
};
