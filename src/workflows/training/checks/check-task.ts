import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { type DataSetInfo, haveBoxes } from "../../../data/data-set.js";
import { boxLayoutOf } from "../../../graph/box-output.js";
import type { Architecture } from "../../../models/architecture.js";
import { graphOf, type NetSpec } from "../../../models/net-spec.js";
import type { TrainingOptions } from "../training-call.js";

/** Options that change labels, or move pixels without moving boxes. */
const FOR_CLASSIFIERS = ["mixup", "label_smoothing", "rand_augment", "teacher"] as const;

type TaskOptions = Pick<TrainingOptions, (typeof FOR_CLASSIFIERS)[number] | "mosaic" | "data">;

/** A net and images, as far as it matters whether they have boxes. */
interface Match {
  readonly arch: string;
  readonly isDetector: boolean;
  readonly dataSet: string;
  readonly hasBoxes: boolean;
}

/** @throws QpruneError (usage) for a detector without boxes, and for a classifier with them. */
const checkMatch = ({ arch, isDetector, dataSet, hasBoxes }: Match): void => {
  if (isDetector && !hasBoxes) {
    throw usageError(
      `${arch} finds objects, but the images of ${dataSet} have only labels.`,
      `Choose ${option("dataset")} digits-detection, set ${option("data")} to a folder with annotated boxes (docs/detection.md), or choose a classifier with ${option("arch")}.`,
    );
  }
  if (!isDetector && hasBoxes) {
    throw usageError(
      `${arch} classifies whole images, but those of ${dataSet} have boxes around objects.`,
      `Choose a detector with ${option("arch")}, such as detector_resnet20.`,
    );
  }
};

/** Any number of classes, to build a net whose images are not read yet. */
const SOME_CLASSES = 2;

/**
 * Refuses a new net that does not fit the kind and size of the images, before they are read.
 * @throws QpruneError (usage)
 */
export const checkArchitecture = (
  net: Architecture,
  { dataset, image_size: side, width }: Pick<TrainingOptions, "dataset" | "image_size" | "width">,
): void => {
  const isBuilt = net.kind === "graph";
  const image = { height: side, width: side, channels: 3 };
  const graph = isBuilt
    ? net.build({ classes: SOME_CLASSES, image, ...(width !== undefined && { width }) })
    : undefined;
  const isDetector = graph?.outputs[0]?.boxes !== undefined;
  checkMatch({ arch: net.name, isDetector, dataSet: dataset, hasBoxes: haveBoxes(dataset) });
};

/**
 * Refuses to train a detector on images that only have labels, a classifier on images with boxes, and either with options that are for
 * the other.
 * @throws QpruneError (usage)
 */
export const checkTask = (spec: NetSpec, info: DataSetInfo, options: TaskOptions): void => {
  const isDetector = boxLayoutOf(graphOf(spec)) !== undefined;
  const hasBoxes = info.hasBoxes === true;
  checkMatch({ arch: spec.arch, isDetector, dataSet: info.name, hasBoxes });
  const stray = isDetector
    ? FOR_CLASSIFIERS.find((key) => options[key] !== undefined && options[key] !== 0)
    : undefined;
  if (stray) throw usageError(`${option(stray)} is for classifiers.`, `Omit it for ${spec.arch}.`);
  if (!isDetector && options.mosaic !== undefined) {
    throw usageError(`${option("mosaic")} is for detectors.`, `Omit it for ${spec.arch}.`);
  }
};
