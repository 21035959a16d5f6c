import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { DataSetInfo } from "../../../data/data-set.js";
import { boxLayoutOf } from "../../../graph/box-output.js";
import { graphOf, type NetSpec } from "../../../models/net-spec.js";
import type { TrainingOptions } from "../training-call.js";

/** Options that change labels, or move pixels without moving boxes. */
const FOR_CLASSIFIERS = ["mixup", "label_smoothing", "rand_augment", "teacher"] as const;

type TaskOptions = Pick<TrainingOptions, (typeof FOR_CLASSIFIERS)[number] | "mosaic" | "data">;

/**
 * Refuses to train a detector on images that only have labels, a classifier on images with boxes, and either with options that are for
 * the other.
 * @throws QpruneError (usage)
 */
export const checkTask = (spec: NetSpec, info: DataSetInfo, options: TaskOptions): void => {
  const isDetector = boxLayoutOf(graphOf(spec)) !== undefined;
  if (isDetector && !info.hasBoxes) {
    throw usageError(
      `${spec.arch} finds objects, but the images of ${info.name} have only labels.`,
      `Choose ${option("dataset")} digits-detection, set ${option("data")} to a folder with annotated boxes (docs/detection.md), or choose a classifier with ${option("arch")}.`,
    );
  }
  if (!isDetector && info.hasBoxes) {
    throw usageError(
      `${spec.arch} classifies whole images, but those of ${info.name} have boxes around objects.`,
      `Choose a detector with ${option("arch")}, such as detector_resnet20.`,
    );
  }
  const stray = isDetector
    ? FOR_CLASSIFIERS.find((key) => options[key] !== undefined && options[key] !== 0)
    : undefined;
  if (stray) throw usageError(`${option(stray)} is for classifiers.`, `Omit it for ${spec.arch}.`);
  if (!isDetector && options.mosaic !== undefined) {
    throw usageError(`${option("mosaic")} is for detectors.`, `Omit it for ${spec.arch}.`);
  }
};
