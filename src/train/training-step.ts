import type { Batch } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import type { Parameter } from "../models/parameter.js";
import { type Tensor, type Tensor2D, tf } from "../tensor/tf.js";
import { ALONE, type Workers } from "../tensor/workers.js";
import { clipGradients } from "./clip-gradients.js";
import { toImageTensor } from "./image-tensor.js";
import type { Loss } from "./losses/loss.js";
import type { Optimizer, OptimizerStep } from "./optimizers/optimizer.js";
import { addGroupSparsityGradient, addSparsityGradient, type GammaGroups } from "./sparsity.js";
import { taskOf } from "./tasks/task-of.js";
import { sharedStep } from "./workers/shared-step.js";

export interface StepOptions extends OptimizerStep {
  /** That of the net's task if absent. */
  readonly loss?: Loss | undefined;
  /** Weight of the penalty on the gammas (see addSparsityGradient); without it there is no penalty. */
  readonly sparsityLambda?: number | undefined;
  /** With them, the penalty is one per channel group (see addGroupSparsityGradient). */
  readonly gammaGroups?: GammaGroups | undefined;
  /** The largest norm of all gradients (see clipGradients); without it they are not clipped. */
  readonly clipNorm?: number | undefined;
  /** Receives the logits [n, classes] of each batch before the step; they belong to the step. */
  readonly onLogits?: ((logits: Tensor2D, batch: Batch) => void) | undefined;
  /** Who takes the step together; this process alone if absent. */
  readonly workers?: Workers | undefined;
  /** What this worker counted in the step, of which the sums over all workers go to `onCounts`. */
  readonly counted?: (() => readonly number[]) | undefined;
  readonly onCounts?: ((sums: readonly number[]) => void) | undefined;
}

/** The number of images of a step that a batch stands for. */
const imagesFor = ({ count, part }: Batch): number => (part ? part.weight * part.of : count);

/** The images of all workers' parts of a batch. */
export const wholeImages = ({ count, part }: Batch): number => part?.of ?? count;

const total = (batches: readonly Batch[], of: (batch: Batch) => number): number =>
  batches.reduce((sum, batch) => sum + of(batch), 0);

/** Forward and backward pass of one batch; the gradients are stored in the parameters. Returns the mean loss, a scalar. */
const passBatch = (
  net: Net,
  batch: Batch,
  { loss: lossOf, onLogits, workers: { index, count } = ALONE }: StepOptions,
  onGradients?: () => void,
): Tensor => {
  Object.assign(net.batchShare, { weight: batch.part?.weight ?? 1, index, count });
  const images = toImageTensor(batch, net.spec);
  const { logits, watched, backward } = net.train(images);
  const {
    loss,
    dLogits,
    dWatched = [],
  } = (lossOf ?? taskOf(net.graph).loss)({
    logits,
    images,
    batch,
    watched,
  });
  images.dispose();
  onLogits?.(logits, batch);
  tf.dispose([logits, ...watched]);
  backward(dLogits, dWatched, onGradients);
  tf.dispose([dLogits, ...dWatched]);
  return loss;
};

/** Takes the gradients out of the parameters, times `share`, and adds them to `sums`. */
const takeGradients = (
  parameters: readonly Parameter[],
  sums: (Tensor | null)[],
  share: number,
): void =>
  parameters.forEach((parameter, index) => {
    const { gradient } = parameter;
    if (!gradient) return;
    const sum = sums[index];
    sums[index] = tf.tidy(() => {
      const part = tf.mul(gradient, share);
      return sum ? tf.add(sum, part) : part;
    });
    tf.dispose([gradient, ...(sum ? [sum] : [])]);
    parameter.gradient = null;
  });

/**
 * Passes batches one after the other and stores the gradients of the mean loss over all their images. Batch norm uses
 * the statistics of each batch by itself. Returns that mean loss, a scalar.
 */
const passBatches = (net: Net, batches: readonly Batch[], options: StepOptions): Tensor => {
  const images = total(batches, imagesFor);
  const sums: (Tensor | null)[] = net.parameters.map(() => null);
  const losses = batches.map((batch) => {
    const loss = passBatch(net, batch, options);
    takeGradients(net.parameters, sums, imagesFor(batch) / images);
    return loss;
  });
  net.parameters.forEach((parameter, index) => {
    parameter.gradient = sums[index] ?? null;
  });
  const mean = tf.tidy(() =>
    tf.addN(losses.map((loss, index) => tf.mul(loss, imagesFor(batches[index] as Batch) / images))),
  );
  tf.dispose(losses);
  return mean;
};

/**
 * Passes the batches of a step, and stores the gradients of the mean loss over all images of all workers. Returns that loss, a
 * scalar.
 */
const passAll = (net: Net, batches: readonly Batch[], options: StepOptions): Tensor => {
  const { workers = ALONE, counted = () => [], onCounts } = options;
  const [first] = batches;
  const isOne = first !== undefined && batches.length === 1;
  if (workers.count === 1) {
    const loss = isOne ? passBatch(net, first, options) : passBatches(net, batches, options);
    onCounts?.(counted());
    return loss;
  }
  const weight = total(batches, imagesFor) / total(batches, wholeImages);
  const shared = sharedStep(net, workers, weight);
  // The gradients of several batches are complete only after the last one.
  const own = isOne
    ? passBatch(net, first, options, shared.collect)
    : passBatches(net, batches, options);
  const { loss, counts } = shared.finish(own, counted());
  onCounts?.(counts);
  return loss;
};

/**
 * One step: weight constraints, forward pass, loss, backward pass, gradient of the sparsity penalty, clipping, optimizer.
 * Several batches make one step with the mean gradient over their images. Several workers take the step together, each with
 * its parts of the batches: the gradients become those of the whole batches before the penalty is added. Returns the mean loss
 * before the step, without the penalty.
 */
export const trainingStep = (
  net: Net,
  optimizer: Optimizer,
  batch: Batch | readonly Batch[],
  options: StepOptions,
): number => {
  const { sparsityLambda, gammaGroups, clipNorm, learningRate, weightDecay } = options;
  const batches = "images" in batch ? [batch] : batch;
  net.applyConstraints();
  const loss = passAll(net, batches, options);
  if (sparsityLambda !== undefined) {
    if (gammaGroups) addGroupSparsityGradient(net.parameters, sparsityLambda, gammaGroups);
    else addSparsityGradient(net.parameters, sparsityLambda);
  }
  if (clipNorm !== undefined) clipGradients(net.parameters, clipNorm);
  optimizer.step({ learningRate, weightDecay });
  const lossValue = loss.dataSync()[0] as number;
  loss.dispose();
  return lossValue;
};
