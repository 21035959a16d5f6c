import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { tf } from "../tensor/tf.js";
import { toImageTensor } from "./image-tensor.js";
import { taskOf } from "./tasks/task-of.js";

/** The epoch whose first batches are used. */
const EPOCH = 1;

export interface SquaredGradientOptions {
  /** Its running statistics change. */
  readonly net: Net;
  /** Small batches: the gradients of their images must not cancel. */
  readonly loader: BatchLoader;
  /** At most those of an epoch are used. */
  readonly batches: number;
  readonly signal: AbortSignal;
}

/**
 * The mean over batches of n images of n g^2, with the gradient g of the mean loss for each weight: the diagonal of the empirical
 * Fisher information, which approximates the curvature of the loss of a trained net (as in HAWQ-V2, Dong et al. 2020, by the
 * Hessian's trace). By the names of kernels, in the order of the engine: [kh, kw, in, out] or [in, out]. The images have no
 * strong augmentation.
 */
export const squaredGradients = async ({
  net,
  loader,
  batches,
  signal,
}: SquaredGradientOptions): Promise<ReadonlyMap<string, Float64Array>> => {
  const sums = new Map<string, Float64Array>();
  let done = 0;
  net.applyConstraints();
  for await (const batch of loader.epoch(EPOCH, { isWeak: true })) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, net.spec);
    const { logits, watched, backward } = net.train(images);
    const { loss, dLogits } = taskOf(net.graph).loss({ logits, watched, images, batch });
    backward(dLogits);
    tf.dispose([images, logits, loss, dLogits]);
    for (const parameter of net.parameters) {
      const { gradient, name, role } = parameter;
      if (!gradient) continue;
      if (role === "weight") {
        const values = gradient.dataSync();
        const sum = sums.get(name) ?? new Float64Array(values.length);
        for (let index = 0; index < sum.length; index++)
          sum[index] = (sum[index] as number) + batch.count * (values[index] as number) ** 2;
        sums.set(name, sum);
      }
      gradient.dispose();
      parameter.gradient = null;
    }
    done++;
    if (done === batches) break;
  }
  return new Map([...sums].map(([name, sum]) => [name, sum.map((value) => value / done)]));
};
