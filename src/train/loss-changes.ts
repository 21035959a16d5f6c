import type { Batch, BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import type { Parameter } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { toImageTensor } from "./image-tensor.js";
import { taskOf } from "./tasks/task-of.js";

/** The epoch whose first batches are used. */
export const CALIBRATION_EPOCH = 1;

/** The parameters that scale or shift the channels of their node. */
const ROLES: ReadonlySet<Parameter["role"]> = new Set(["weight", "bias", "gamma", "beta"]);

const nodeOf = ({ name }: Parameter): string => name.slice(0, name.lastIndexOf("."));

/** The sum of value times gradient over all numbers of each output channel, which is the last axis. */
const channelSums = (value: Tensor, gradient: Tensor): Float64Array => {
  const sums = tf.tidy(() => {
    const products = tf.mul(value, gradient);
    const others = products.shape.slice(0, -1).map((_, axis) => axis);
    return others.length === 0 ? products : tf.sum(products, others);
  });
  const numbers = Float64Array.from(sums.dataSync());
  sums.dispose();
  return numbers;
};

/** Stores the gradients of the mean loss of a batch in the parameters. */
const passBatch = (net: Net, batch: Batch): void => {
  const images = toImageTensor(batch, net.spec);
  const { logits, backward } = net.train(images);
  const { loss, dLogits } = taskOf(net.graph).loss({ logits, images, batch, watched: [] });
  backward(dLogits);
  tf.dispose([images, logits, loss, dLogits]);
};

const addTo = (
  sums: Map<string, Float64Array>,
  node: string,
  added: Float64Array,
  of: (value: number) => number = (value) => value,
): void => {
  const sum = sums.get(node) ?? new Float64Array(added.length);
  sums.set(
    node,
    sum.map((value, channel) => value + of(added[channel] as number)),
  );
};

/** The changes of one batch by node; takes the gradients out of the parameters. */
const batchChanges = ({ parameters }: Net): Map<string, Float64Array> => {
  const changes = new Map<string, Float64Array>();
  for (const parameter of parameters) {
    const { role, value, gradient } = parameter;
    if (!gradient) continue;
    if (ROLES.has(role)) addTo(changes, nodeOf(parameter), channelSums(value, gradient));
    gradient.dispose();
    parameter.gradient = null;
  }
  return changes;
};

export interface LossChangeOptions {
  /** Its running statistics change. */
  readonly net: Net;
  readonly loader: BatchLoader;
  /** Training batches; at most those of an epoch are used. */
  readonly batches: number;
  readonly signal: AbortSignal;
}

/**
 * The change of the loss, to first order, if a channel of a norm or a layer becomes 0, by the names of these nodes: the root
 * of the mean over batches of (sum of value * gradient)^2, over all weights and the bias of a filter, or gamma and beta of a
 * norm. This is the gradient for a gate of 1 after the node (Molchanov et al. 2019, "Importance Estimation for Neural Network
 * Pruning", eq. 8). A filter before a norm has no such change, since the statistics of a batch undo its scale. The images
 * have no strong augmentation.
 * Example: a channel with gamma 2, beta 1, and gradients 0.5 and -0.25 has |2 * 0.5 - 1 * 0.25| = 0.75.
 */
export const lossChanges = async ({
  net,
  loader,
  batches,
  signal,
}: LossChangeOptions): Promise<ReadonlyMap<string, Float64Array>> => {
  const squares = new Map<string, Float64Array>();
  let done = 0;
  net.applyConstraints();
  for await (const batch of loader.epoch(CALIBRATION_EPOCH, { isWeak: true })) {
    signal.throwIfAborted();
    passBatch(net, batch);
    for (const [node, changes] of batchChanges(net)) addTo(squares, node, changes, (x) => x * x);
    done++;
    if (done === batches) break;
  }
  return new Map(
    [...squares].map(([node, sums]) => [node, sums.map((sum) => Math.sqrt(sum / done))]),
  );
};
