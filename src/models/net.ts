import type { HysteresisState } from "../quant/tensors/hysteresis-state.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../tensor/tf.js";
import type { Layer, SaturationRate, Trace } from "./layers/layer.js";
import type { Parameter, StateTensor } from "./parameter.js";
import type { NetSpec } from "./spec.js";

/** PyTorch's num_batches_tracked of one norm. */
export interface BatchCounter {
  readonly name: string;
  count: number;
}

/** A running net, which maps images [n, h, w, c] to logits [n, classes]. Built by buildNet. */
export interface Net {
  readonly spec: NetSpec;
  readonly parameters: readonly Parameter[];
  /** Parameters and buffers, in PyTorch's order. */
  readonly state: readonly StateTensor[];
  readonly batchCounters: readonly BatchCounter[];
  /** Logits with the running statistics. The caller keeps `images` and owns the result. */
  readonly infer: (images: Tensor4D) => Tensor2D;
  /** Logits with the batch's statistics; `backward` stores the gradients in the parameters. */
  readonly train: (images: Tensor4D) => {
    readonly logits: Tensor2D;
    readonly backward: (dLogits: Tensor2D) => void;
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
   * hysteresis state, and resets fixed gammas to 1. Call it once before every training step and before evaluating in the
   * middle of training.
   */
  readonly applyConstraints: () => void;
  /** The hysteresis state of each ternary kernel with a band; empty without a band. */
  readonly codes: readonly HysteresisState[];
  readonly dispose: () => void;
}

export interface NetParts {
  readonly spec: NetSpec;
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
  readonly batchCounters: readonly BatchCounter[];
}

/** Joins layers into a net. */
export const netOf = ({ spec, layers, state, batchCounters }: NetParts): Net => {
  const parameters = layers.flatMap((layer) => layer.parameters);
  const codes = layers.flatMap((layer) => layer.codes ?? []);
  return {
    spec,
    parameters,
    state,
    batchCounters,
    infer: (images) =>
      layers.reduce<Tensor>((x, layer) => layer.infer(x), tf.clone(images)) as Tensor2D,
    train: (images) => {
      const backwards: ((dy: Tensor) => Tensor | null)[] = [];
      let last: Pick<Trace, "y" | "recompute"> = { y: tf.clone(images) };
      for (const layer of layers) {
        const trace = layer.train(last.y, last.recompute);
        backwards.push(trace.backward);
        last = trace;
      }
      return {
        logits: last.y as Tensor2D,
        backward: (dLogits) => {
          let dy: Tensor | null = tf.clone(dLogits);
          for (const backward of backwards.reverse()) dy = dy && backward(dy);
        },
      };
    },
    recalibrate: (images, newStatWeight) => {
      const y = layers.reduce<Tensor>(
        (x, layer) => (layer.recalibrate ? layer.recalibrate(x, newStatWeight) : layer.infer(x)),
        tf.clone(images),
      );
      y.dispose();
    },
    saturationRates: (images) => {
      const rates: SaturationRate[] = [];
      let x: Tensor = tf.clone(images);
      for (const layer of layers) {
        const rate = layer.saturation?.(x);
        if (rate) rates.push(rate);
        x = layer.infer(x);
      }
      x.dispose();
      return rates;
    },
    applyConstraints: () => {
      for (const layer of layers) layer.applyConstraints?.();
    },
    codes,
    dispose: () => {
      for (const state of codes) state.codes?.dispose();
      for (const layer of layers) layer.dispose?.();
      for (const parameter of parameters) parameter.gradient?.dispose();
      tf.dispose(state.map(({ value }) => value));
    },
  };
};
