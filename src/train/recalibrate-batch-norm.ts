import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { ALONE, type Workers } from "../tensor/workers.js";
import { toImageTensor } from "./image-tensor.js";
import { averageTensors, ownTensors, valuesOf } from "./workers/shared-state.js";

export interface Recalibration {
  /** Whose first batches are used. */
  readonly epoch: number;
  readonly batches: number;
  readonly signal: AbortSignal;
  readonly workers?: Workers | undefined;
}

/**
 * Recalibrates batch norm: replaces a net's running statistics by their means over the first `batches` training batches of
 * an epoch, with constant weights ("precise BN": Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3). Running
 * means lag behind fast-moving weights, which makes test results of short runs noisy. Training is not affected: it uses the
 * statistics of its batches. The images have no strong augmentation, since tested images have none. Several workers average the
 * statistics of their parts of the batches.
 */
export const recalibrateBatchNorm = async (
  net: Net,
  loader: BatchLoader,
  { epoch, batches, signal, workers = ALONE }: Recalibration,
): Promise<void> => {
  if (batches === 0) return;
  const before = valuesOf(net);
  let done = 0;
  for await (const batch of loader.epoch(epoch, { isWeak: true })) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, net.spec);
    done++;
    // The k-th batch with weight 1 / k yields a plain mean, independent of the previous statistics.
    net.recalibrate(images, 1 / done);
    images.dispose();
    if (done === batches) break;
  }
  averageTensors(ownTensors(net, before), workers, 1 / workers.count);
};
