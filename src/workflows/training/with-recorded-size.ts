import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { DEFAULT_BOXES_SIZE } from "../../data/annotated/load-annotated.js";
import { type DataSetName, OWN_BOXES } from "../../data/data-set.js";
import { SCENE_SIDE } from "../../data/digits-detection/draw-scene.js";
import type { TrainingCall } from "./training-call.js";

/** The default sides of images, where they are not those of other data sets. */
export const DEFAULT_SIDES: Readonly<Partial<Record<DataSetName, number>>> = {
  "digits-detection": SCENE_SIDE,
  [OWN_BOXES]: DEFAULT_BOXES_SIZE,
};

/**
 * The call with the image size on which qprune trained `file`, unless `image_size` is given: a net that has learned from
 * images of 96 pixels loses much of its accuracy on images of 32. Images with boxes are larger than others by default.
 */
export const withRecordedSize = (
  call: TrainingCall,
  file: Checkpoint | undefined,
): TrainingCall => {
  const recorded = file?.manifest?.dataSet.height;
  const side = recorded ?? DEFAULT_SIDES[call.options.dataset];
  return side === undefined || call.given.has("image_size")
    ? call
    : { ...call, options: { ...call.options, image_size: side } };
};
