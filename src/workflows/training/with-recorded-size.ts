import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { TrainingCall } from "./training-call.js";

/**
 * The call with the image size on which qprune trained `file`, unless `image_size` is given: a net that has learned from
 * images of 96 pixels loses much of its accuracy on images of 32.
 */
export const withRecordedSize = (
  call: TrainingCall,
  file: Checkpoint | undefined,
): TrainingCall => {
  const side = file?.manifest?.dataSet.height;
  return side === undefined || call.given.has("image_size")
    ? call
    : { ...call, options: { ...call.options, image_size: side } };
};
