import type { Batch } from "../data/batches/batch-loader.js";
import type { GraphSpec } from "../models/net-spec.js";
import { type Tensor4D, tf } from "../tensor/tf.js";

/** The images of a batch as a tensor [n, h, w, c]. */
export const toImageTensor = (batch: Batch, { input }: Pick<GraphSpec, "input">): Tensor4D =>
  tf.tensor4d(batch.images, [batch.count, input.height, input.width, input.channels]);
