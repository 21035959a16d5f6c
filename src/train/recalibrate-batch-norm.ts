import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { toImageTensor } from "./image-tensor.js";

/**
 * Recalibrates batch norm: replaces a net's running statistics by their means over the first `batches` training batches of
 * an epoch, with constant weights ("precise BN": Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3). Running
 * means lag behind fast-moving weights, which makes test results of short runs noisy. Training is not affected: it uses the
 * statistics of its batches. The images have no strong augmentation, since tested images have none.
 */
export const recalibrateBatchNorm = async (
  net: Net,
  loader: BatchLoader,
  epoch: number,
  batches: number,
  signal: AbortSignal,
): Promise<void> => {
  if (batches === 0) return;
  let done = 0;
  for await (const batch of loader.epoch(epoch, { isWeak: true })) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, net.spec);
    done++;
    // The k-th batch with weight 1 / k yields a plain mean, independent of the previous statistics.
    net.recalibrate(images, 1 / done);
    images.dispose();
    if (done === batches) return;
  }
};
