import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { SCENE_SIDE } from "../../data/digits-detection/draw-scene.js";
import type { TrainingCall } from "./training-call.js";

/**
 * The call with the image size on which qprune trained `file`, unless `image_size` is given: a net that has learned from
 * images of 96 pixels loses much of its accuracy on images of 32. Scenes of digits are larger than other images by default.
 */
export const withRecordedSize = (
  call: TrainingCall,
  file: Checkpoint | undefined,
): TrainingCall => {
  const recorded = file?.manifest?.dataSet.height;
  const side = recorded ?? (call.options.dataset === "digits-detection" ? SCENE_SIDE : undefined);
  return side === undefined || call.given.has("image_size")
    ? call
    : { ...call, options: { ...call.options, image_size: side } };
};
