import { type QpruneError, usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { areSameClasses } from "../../../data/class-names.js";
import { type DataSetInfo, isOwnImages } from "../../../data/data-set.js";
import type { WorkflowEvent } from "../../events.js";

const imagesText = ({ name }: DataSetInfo, folder: string): string =>
  isOwnImages(name) ? `${option("data")} ${visibleText(folder)}` : name;

const refusal = (
  { path, net, manifest }: Checkpoint,
  dataSet: DataSetInfo,
  folder: string,
): QpruneError => {
  const recorded = manifest?.dataSet;
  const own =
    recorded?.classNames.length === net.classes ? ` (${shownNames(recorded.classNames)})` : "";
  const { classNames } = dataSet;
  const given = `${imagesText(dataSet, folder)} has ${classNames.length} (${shownNames(classNames)})`;
  const advice = isOwnImages(recorded?.name)
    ? `Set ${option("data")} to the folder that has the classes of the file`
    : `Set ${option("dataset")} to ${recorded ? `${recorded.name},` : "the data set"} on which the file was trained`;
  return usageError(
    `${path} has ${net.classes} classes${own}, but ${given}.`,
    `${advice}, or train a net for these classes from scratch, without the file.`,
  );
};

/**
 * Checks that a file has as many classes as the images. `folder` is the value of `data`.
 * @throws QpruneError (usage) that lists the classes of both.
 */
export const checkClasses = (file: Checkpoint, dataSet: DataSetInfo, folder: string): void => {
  if (file.net.classes !== dataSet.classNames.length) throw refusal(file, dataSet, folder);
};

/** The event for a net trained on the user's own images that continues on others with other class names, or undefined. */
export const renamedClasses = (
  { path, manifest }: Checkpoint,
  dataSet: DataSetInfo,
  folder: string,
): WorkflowEvent | undefined => {
  const recorded = manifest?.dataSet;
  if (!recorded || !isOwnImages(recorded.name) || !isOwnImages(dataSet.name)) return undefined;
  if (areSameClasses(recorded.classNames, dataSet.classNames)) return undefined;
  return { kind: "classes-renamed", file: path, before: recorded.classNames, dataSet, folder };
};
