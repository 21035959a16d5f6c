import { type Graph, outputValue, shapesOf, type ValueId } from "../../graph/graph.js";
import { isFloat } from "../../graph/quantizers.js";
import type { HysteresisState } from "../../quant/tensors/hysteresis-state.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import type { Workers } from "../../tensor/workers.js";
import type { SaturationRate } from "../layers/layer.js";
import type { BatchShare } from "../layers/synced-norm.js";
import type { Parameter, StateTensor } from "../parameter.js";
import type { Precision } from "../precision.js";
import {
  type BatchCounter,
  createTensors,
  type InitialValues,
  type TrainedParts,
} from "./node-tensors.js";
import {
  fusedForInference,
  infer,
  inferStepwise,
  keptValues,
  type PausedStep,
  type Program,
  recalibrate,
  saturationRates,
  train,
} from "./run-steps.js";
import { layerOfStep } from "./step-layers.js";
import { planSteps, type Step } from "./steps.js";
import { storagesOf } from "./storages.js";

/** The number of training passes of a net by all workers, also before the run: a net starts with the count of its file. */
export interface TrainingPasses {
  count: number;
}

/** Logits [n, classes] and the watched values; the caller owns both. */
export interface WatchedLogits {
  readonly logits: Tensor2D;
  readonly watched: readonly Tensor[];
}

/** A running net, which maps images [n, h, w, c] to logits [n, classes]. */
export interface RunningGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  /** Parameters and buffers, in PyTorch's order. */
  readonly state: readonly StateTensor[];
  readonly batchCounters: readonly BatchCounter[];
  /** The training passes so far, which are the keys of the draws of dropout. */
  readonly trainingPasses: TrainingPasses;
  /** What the next batch is of a batch of several workers; only synchronized norms and dropout use it. */
  readonly batchShare: BatchShare;
  /** Logits with the running statistics. The caller keeps `images` and owns the result. */
  readonly infer: (images: Tensor4D) => Tensor2D;
  /**
   * Inference that pauses before and after every step (see inferStepwise); it has to run to its end, which returns the logits. The
   * caller keeps `images` and owns the result.
   */
  readonly inferStepwise: (images: Tensor4D) => Generator<PausedStep, Tensor>;
  /** The same with the watched values. */
  readonly inferWatched: (images: Tensor4D) => WatchedLogits;
  /**
   * Logits and watched values with the batch's statistics. `backward` stores the gradients in the parameters; those of watched
   * values are in their order, and none stands for zeros. It calls `onGradients` whenever some parameters have their final ones.
   */
  readonly train: (images: Tensor4D) => WatchedLogits & {
    readonly backward: (
      dLogits: Tensor2D,
      dWatched?: readonly Tensor[],
      onGradients?: () => void,
    ) => void;
  };
  /**
   * A forward pass with the batch's statistics that only updates the running ones: each becomes
   * (1 - newStatWeight) old + newStatWeight new. The caller keeps `images`.
   */
  readonly recalibrate: (images: Tensor4D, newStatWeight: number) => void;
  /** The saturation rates of all activations that clip, for images [n, h, w, c] in inference. The caller keeps `images`. */
  readonly saturationRates: (images: Tensor4D) => SaturationRate[];
  /**
   * Applies the weight constraints: centers and clamps the latent weights of binary and ternary convolutions, updates the
   * hysteresis state, and resets fixed gammas to 1. Frozen weights stay as they are. Call it once before every training step and before evaluating in the
   * middle of training.
   */
  readonly applyConstraints: () => void;
  /** The hysteresis state of each ternary kernel with a band; empty without a band. */
  readonly codes: readonly HysteresisState[];
  readonly dispose: () => void;
}

/** How a net computes and is trained. */
export interface RunOptions extends TrainedParts {
  /** Of the convolutions; float32 if absent. */
  readonly precision?: Precision;
  /** Norms use the statistics of the batches of all workers; those of their own batch if absent. */
  readonly syncedBy?: Workers | undefined;
  /** Inner values to return besides the logits; none if absent. */
  readonly watched?: readonly ValueId[];
  /** Values that are the outputs of steps, so that inferStepwise shows them. */
  readonly observed?: Iterable<ValueId>;
}

/**
 * Builds a running net of a graph with its initial values: Xavier kernels, zero biases and betas, gammas as `initial`
 * specifies. The graph must be consistent (see checkGraph) and have one output.
 */
export const runGraph = (
  graph: Graph,
  initial: InitialValues,
  { precision = "float32", watched = [], observed = [], syncedBy, ...parts }: RunOptions = {},
): RunningGraph => {
  const tensors = createTensors(graph, initial, parts);
  // Norms do not count for it: a net may have none, and those of frozen layers stay as they are.
  const trainingPasses: TrainingPasses = { count: 0 };
  const batchShare: BatchShare = { weight: 1, index: 0, count: 1 };
  const synced = syncedBy && syncedBy.count > 1 ? { workers: syncedBy, batchShare } : undefined;
  const shapes = shapesOf(graph);
  const planned = planSteps(graph, {
    watched: [...watched, ...observed],
    // What is added to the output of a frozen norm may be trained.
    isAddFused: ({ name }) => shapes.get(name)?.length === 3 && !parts.frozen?.has(name),
  });
  const isFrozen = (step: Step): boolean => parts.frozen?.has(step.node.name) ?? false;
  const constants = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...planned.filter(isFrozen).flatMap(({ outputs }) => outputs),
  ]);
  // Workers draw what one process draws that passes their batches one after the other.
  const pass = () => trainingPasses.count - batchShare.count + batchShare.index + 1;
  const storages = storagesOf(graph, planned, {
    precision,
    // Frozen steps compute as in inference.
    floats: new Set([outputValue(graph), ...watched, ...observed, ...constants]),
    isSynced: synced !== undefined,
  });
  const seed = initial.seed;
  const isQuantized = graph.nodes.some(
    (node) => node.kind === "quantize" && !isFloat(node.quantizer),
  );
  const context = {
    ...{ graph, tensors, seed, precision, storages, isQuantized },
    ...{ pass, constants, synced },
  };
  const steps = planned.map((step) => ({
    inputs: step.inputs,
    outputs: step.outputs,
    layer: layerOfStep(step, context),
    isFrozen: isFrozen(step),
  }));
  const program: Program = {
    input: graph.inputs[0]?.name as string,
    constants,
    storages,
    kept: keptValues(steps),
    output: outputValue(graph),
    watched,
    steps,
  };
  const inference = fusedForInference(program);
  const layers = steps.map(({ layer }) => layer);
  const parameters = layers
    .flatMap((layer) => layer.parameters)
    .filter((parameter) => !parameter.isFrozen);
  const codes = layers.flatMap((layer) => layer.codes ?? []);
  return {
    graph,
    parameters,
    state: tensors.state,
    batchCounters: tensors.counters,
    trainingPasses,
    batchShare,
    infer: (images) => {
      const { y, watched: inner } = infer(inference, tf.clone(images));
      tf.dispose([...inner]);
      return y as Tensor2D;
    },
    inferStepwise: (images) => inferStepwise(program, tf.clone(images)),
    inferWatched: (images) => {
      const { y, watched: inner } = infer(inference, tf.clone(images));
      return { logits: y as Tensor2D, watched: inner };
    },
    train: (images) => {
      trainingPasses.count += batchShare.count;
      const { y, watched: inner, backward } = train(program, tf.clone(images));
      return { logits: y as Tensor2D, watched: inner, backward };
    },
    recalibrate: (images, weight) => recalibrate(program, tf.clone(images), weight),
    saturationRates: (images) => saturationRates(program, tf.clone(images)),
    applyConstraints: () => {
      for (const { layer, isFrozen: isKept } of steps) {
        if (isKept) layer.startCodes?.();
        else layer.applyConstraints?.();
      }
    },
    codes,
    dispose: () => {
      for (const state of codes) state.codes?.dispose();
      for (const layer of layers) layer.dispose?.();
      for (const parameter of parameters) parameter.gradient?.dispose();
      tf.dispose(tensors.state.map(({ value }) => value));
    },
  };
};
