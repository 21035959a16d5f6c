import { type QpruneError, usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { areSameClasses } from "../../../data/class-names.js";
import { type DataSetInfo, OWN_IMAGES } from "../../../data/data-set.js";
import type { WorkflowEvent } from "../../events.js";

const placeOf = ({ name }: DataSetInfo, folder: string): string =>
  name === OWN_IMAGES ? `${option("data")} ${visibleText(folder)}` : name;

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
      ? `Give the folder with the classes of the file with ${option("data")}`
      : `Choose the data set that the file was trained on with ${option("dataset")}${told ? ` ${told.name}` : ""}`;
  return usageError(
    `${path} has ${net.classes} classes${own}, but ${given}.`,
    `${way}, or train a net for these classes from the start, without the file.`,
  );
};

/**
 * A file has as many classes as the images that it is trained on or tested with. `folder` is that of `data`.
 * @throws QpruneError (usage) that names both sides.
 */
export const checkClasses = (file: Checkpoint, dataSet: DataSetInfo, folder: string): void => {
  if (file.net.classes !== dataSet.classNames.length) throw refusal(file, dataSet, folder);
};

/** The event of a file of the user's own images that is trained on others, which rename its outputs; else undefined. */
export const renamedClasses = (
  { path, manifest }: Checkpoint,
  dataSet: DataSetInfo,
  folder: string,
): WorkflowEvent | undefined => {
  const recorded = manifest?.dataSet;
  const areOwn = recorded?.name === OWN_IMAGES && dataSet.name === OWN_IMAGES;
  if (!areOwn || areSameClasses(recorded.classNames, dataSet.classNames)) return undefined;
  return { kind: "classes-renamed", file: path, before: recorded.classNames, dataSet, folder };
};
