import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { toImageTensor } from "./image-tensor.js";

/**
 * Replaces a net's running statistics by their means over the first `batches` training batches of an
 * epoch, the weights standing still (precise BN: Wu & Johnson 2021, "Rethinking Batch in BatchNorm",
 * section 3). Running means lag behind weights that move fast, which makes tests of short runs scatter;
 * training itself uses the statistics of its batches and goes on as it would have.
 */
export const settleStatistics = async (
  net: Net,
  loader: BatchLoader,
  epoch: number,
  batches: number,
  signal: AbortSignal,
): Promise<void> => {
  if (batches === 0) return;
  let done = 0;
  for await (const batch of loader.epoch(epoch)) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, net.spec);
    done++;
    // The k-th batch with weight 1 / k makes a plain mean, in which what stood there before has no part.
    net.settle(images, 1 / done);
    images.dispose();
    if (done === batches) return;
  }
};
