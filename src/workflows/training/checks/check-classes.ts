import { type QpruneError, usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { areSameClasses } from "../../../data/class-names.js";
import { type DataSetInfo, OWN_IMAGES } from "../../../data/data-set.js";

const placeOf = ({ name }: DataSetInfo, folder: string): string =>
  name === OWN_IMAGES ? `--data ${visibleText(folder)}` : name;

const refusal = (
  { path, net, manifest }: Checkpoint,
  dataSet: DataSetInfo,
  folder: string,
): QpruneError => {
  const told = manifest?.dataSet;
  const own = told?.classNames.length === net.classes ? ` (${shownNames(told.classNames)})` : "";
  const { classNames } = dataSet;
  const given = `${placeOf(dataSet, folder)} has ${classNames.length} (${shownNames(classNames)})`;
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
  if (!areOwn || areSameClasses(told.classNames, classNames)) return "";
  return `${path} tells ${shownNames(told.classNames)} apart; trained on --data ${visibleText(folder)}, the net will tell ${shownNames(classNames)} apart.\n`;
};
