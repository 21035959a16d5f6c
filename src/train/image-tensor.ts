import type { Batch } from "../data/batches/batch-loader.js";
import type { NetSpec } from "../models/spec.js";
import { type Tensor4D, tf } from "../tensor/tf.js";

/** The images of a batch as a tensor [n, h, w, c]. */
export const toImageTensor = (batch: Batch, { input }: NetSpec): Tensor4D =>
  tf.tensor4d(batch.images, [batch.count, input.height, input.width, input.channels]);
