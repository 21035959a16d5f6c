import { createHash } from "node:crypto";
import { QpruneError } from "../../base/errors.js";
import type { Net } from "../../models/net.js";
import { replaceValue, type StateTensor } from "../../models/parameter.js";
import type { Tensor } from "../../tensor/tf.js";
import { sumOverWorkers, type Workers } from "../../tensor/workers.js";
import { gatherTexts } from "./gather-texts.js";

/** The values of a net's tensors, to find out later which of them a pass has changed. */
export const valuesOf = ({ state }: Net): readonly Tensor[] => state.map(({ value }) => value);

/**
 * The tensors that a pass changed by the images of this worker alone: running statistics, moving averages of ranges, and
 * trained ranges that start from their first batch.
 */
export const ownTensors = (net: Net, before: readonly Tensor[]): StateTensor[] => {
  const trained = new Set<StateTensor>(net.parameters.filter(({ role }) => role !== "range"));
  return net.state.filter(
    (tensor, index) => tensor.value !== before[index] && !trained.has(tensor),
  );
};

/** Replaces tensors by their means over all workers. `weight`: that of this worker. */
export const averageTensors = (
  tensors: readonly StateTensor[],
  workers: Workers,
  weight: number,
): void => {
  if (workers.count === 1 || tensors.length === 0) return;
  const sums = sumOverWorkers(
    workers,
    tensors.map(({ value }) => value),
    weight,
  );
  tensors.forEach((tensor, index) => {
    replaceValue(tensor, sums[index] as Tensor);
  });
};

/** A digest of all tensors of a net. */
export const netDigest = ({ state }: Net): string => {
  const hash = createHash("sha256");
  for (const { name, value } of state) {
    const data = value.dataSync() as Float32Array;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
};

/** @throws QpruneError unless all workers have the same net to the bit */
export const checkSameNet = (workers: Workers, net: Net): void => {
  if (workers.count === 1) return;
  const digests = gatherTexts(workers, netDigest(net));
  const other = digests.findIndex((digest) => digest !== digests[0]);
  if (other === -1) return;
  throw new QpruneError(`Worker ${other} has other weights than worker 0.`, {
    code: "workers-differ",
    hint: "A machine computes or stores wrong values; check its memory. Resume from the training state, which was saved before.",
  });
};
