import { scaledBoxes } from "./batches/box-preparer.js";
import type { DataSet, DataSetInfo, DataSetName, EvaluationView, ImageSet } from "./data-set.js";

/** The preparation of images that belongs to the weights of a net. */
export interface Preparation extends Pick<DataSetInfo, "mean" | "std"> {
  readonly evaluation: EvaluationView;
}

/** What a net expects of its images. */
export interface NetInput {
  /** Pixels. */
  readonly side: number;
  /** Absent if the images of a data set are normalized by its own mean and deviation. */
  readonly preparation?: Preparation | undefined;
}

/**
 * The input of a net that sees images of `side` pixels and was trained on `info`, or derives from such a net. The size
 * before the crop changes in proportion.
 */
export const inputOfNet = (
  { mean, std, height, evaluation }: DataSetInfo,
  side: number,
): NetInput => {
  if (!evaluation) return { side };
  const { resizedSide, interpolation } = evaluation;
  const scaled = Math.round((side * resizedSide) / height);
  return {
    side,
    preparation: { mean, std, evaluation: { resizedSide: scaled, interpolation } },
  };
};

/** The description of a net's data set for images of another size. */
export const atSide = (info: DataSetInfo, side: number): DataSetInfo => ({
  ...info,
  height: side,
  width: side,
  ...inputOfNet(info, side).preparation,
});

/**
 * The input of a trained net for the images of the data set `name`, to test it; undefined if neither its size nor its
 * preparation applies to them.
 */
export const testInput = (name: DataSetName, trainedOn: DataSetInfo): NetInput | undefined =>
  trainedOn.name === name || trainedOn.evaluation
    ? inputOfNet(trainedOn, trainedOn.height)
    : undefined;

const scaledSet = (set: ImageSet, storedSide: number, side: number): ImageSet => ({
  ...set,
  boxes: set.boxes && scaledBoxes(set.boxes, side / storedSide),
  storedSide,
});

/**
 * A data set of squares for a net. Images that do not have its size are scaled to it bilinearly, whenever a batch is
 * prepared; so are image files.
 */
export const dataSetForNet = (dataSet: DataSet, { side, preparation }: NetInput): DataSet => {
  const { info, train, test } = dataSet;
  const stored = info.height;
  if (side === stored && !preparation) return dataSet;
  const { cropPadding, ...others } = info.augmentation;
  const mapped = {
    ...info,
    height: side,
    width: side,
    augmentation: { cropPadding: Math.round((cropPadding * side) / stored), ...others },
    ...(preparation && { mean: preparation.mean, std: preparation.std }),
    evaluation: { resizedSide: side, interpolation: "bilinear" },
  } as const;
  if (side === stored) return { ...dataSet, info: mapped };
  return {
    ...dataSet,
    info: mapped,
    train: scaledSet(train, stored, side),
    test: scaledSet(test, stored, side),
  };
};
