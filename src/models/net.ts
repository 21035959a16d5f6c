import type { CodeMemory } from "../quant/tensors/code-memory.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../tensor/tf.js";
import type { ClippedShare, Layer, Trace } from "./layers/layer.js";
import type { Parameter, StateTensor } from "./parameter.js";
import type { NetSpec } from "./spec.js";

/** PyTorch's num_batches_tracked of one norm: a count, not a tensor that is computed with. */
export interface BatchCounter {
  readonly name: string;
  count: number;
}

/** A running net: images [n, h, w, c] to logits [n, classes]. Made by buildNet. */
export interface Net {
  readonly spec: NetSpec;
  readonly parameters: readonly Parameter[];
  /** Parameters and buffers, in PyTorch's order. */
  readonly state: readonly StateTensor[];
  readonly batchCounters: readonly BatchCounter[];
  /** Logits with the running statistics. The caller keeps `images` and owns the result. */
  readonly infer: (images: Tensor4D) => Tensor2D;
  /** Logits with the batch's statistics; `backward` leaves the gradients in the parameters. */
  readonly train: (images: Tensor4D) => {
    readonly logits: Tensor2D;
    readonly backward: (dLogits: Tensor2D) => void;
  };
  /**
   * A forward pass with the batch's statistics that only updates the running ones: each becomes
   * (1 - newStatWeight) old + newStatWeight new. The caller keeps `images`.
   */
  readonly settle: (images: Tensor4D, newStatWeight: number) => void;
  /** What every activation that clips does to images [n, h, w, c] in inference; the caller keeps them. */
  readonly clippedShares: (images: Tensor4D) => ClippedShare[];
  /**
   * Centres and clamps the latent weights of binary and ternary convolutions, and takes note of the codes
   * that a gap keeps; fixed gammas become 1. Once before every training step, and before an evaluation while training.
   */
  readonly constrain: () => void;
  /** The codes that weights in a gap remember, by the name of their kernel; empty without a gap. */
  readonly codes: readonly CodeMemory[];
  readonly dispose: () => void;
}

export interface NetParts {
  readonly spec: NetSpec;
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
  readonly batchCounters: readonly BatchCounter[];
}

/** Joins layers to a net. */
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
      const ways: ((dy: Tensor) => Tensor | null)[] = [];
      let last: Pick<Trace, "y" | "again"> = { y: tf.clone(images) };
      for (const layer of layers) {
        const trace = layer.train(last.y, last.again);
        ways.push(trace.backward);
        last = trace;
      }
      return {
        logits: last.y as Tensor2D,
        backward: (dLogits) => {
          let dy: Tensor | null = tf.clone(dLogits);
          for (const way of ways.reverse()) dy = dy && way(dy);
        },
      };
    },
    settle: (images, newStatWeight) => {
      const y = layers.reduce<Tensor>(
        (x, layer) => (layer.settle ? layer.settle(x, newStatWeight) : layer.infer(x)),
        tf.clone(images),
      );
      y.dispose();
    },
    clippedShares: (images) => {
      const shares: ClippedShare[] = [];
      let x: Tensor = tf.clone(images);
      for (const layer of layers) {
        const clipped = layer.clipped?.(x);
        if (clipped) shares.push(clipped);
        x = layer.infer(x);
      }
      x.dispose();
      return shares;
    },
    constrain: () => {
      for (const layer of layers) layer.constrain?.();
    },
    codes,
    dispose: () => {
      for (const memory of codes) memory.codes?.dispose();
      for (const layer of layers) layer.dispose?.();
      for (const parameter of parameters) parameter.gradient?.dispose();
      tf.dispose(state.map(({ value }) => value));
    },
  };
};
