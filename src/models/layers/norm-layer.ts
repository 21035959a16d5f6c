import { saturationRate } from "../../quant/tensors/saturation-rate.js";
import {
  type Affine,
  affineActivate,
  type NormGradients,
  type NormResult,
  type NormSaved,
  type NormTail,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../tensor/ops/norm-activate.js";
import { floatsOf, storeAs } from "../../tensor/ops/stored-maps.js";
import { FLOAT32, gradientStorage, type Storage } from "../../tensor/storage.js";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "../../tensor/tf.js";
import { tidyObject } from "../../tensor/tidy.js";
import { type Parameter, replaceValue, type StateTensor } from "../parameter.js";
import { asSingle, type JointLayer, type Layer } from "./layer.js";
import type { LayerStorage } from "./layer-storage.js";
import type { LearnedRange } from "./learned-range.js";
import { type SyncedBy, syncedNormGradient, syncedNormTrain } from "./synced-norm.js";

export interface NormLayerOptions {
  /** Null for a norm without gamma and beta. */
  readonly affine: { readonly gamma: Parameter; readonly beta: Parameter } | null;
  readonly movingMean: StateTensor;
  readonly movingVariance: StateTensor;
  /** The bias that the previous convolution did not add; the running statistics include it. */
  readonly inputBias: Parameter | null;
  readonly epsilon: number;
  readonly newStatWeight: number;
  /** Gamma is 1 and is not trained. */
  readonly isGammaFixed: boolean;
  /** Every pass raises smaller gammas to this value. */
  readonly minGamma: number | null;
  readonly tail: NormTail;
  /** Of the inputs and of the output. Synchronized norms store floats. */
  readonly storage: NormStorage;
  /** The trained range of the quantizer in the tail, whose activation is then that of the range; absent otherwise. */
  readonly range?: LearnedRange | undefined;
  /** With it, the statistics are those of the batches of all workers. */
  readonly synced?: SyncedBy | undefined;
  /** Called in every training pass (PyTorch's num_batches_tracked). */
  readonly countBatch: () => void;
}

/** How the maps of a norm are stored. */
export interface NormStorage extends LayerStorage {
  readonly addend: Storage;
}

/** Maps [n, h, w, c] and the addend, if any, of the same shape. */
type Inputs = readonly [x: Tensor4D, addend?: Tensor4D];

const NORM_ALONE: NormTail = { activation: { kind: "identity" }, shuffleGroups: 1 };

/**
 * Batch normalization with the activation and the channel shuffle that follow it. With two inputs the second, which has the shape
 * of the first, is added to the norm's output before the activation.
 */
export const addingNormLayer = (options: NormLayerOptions): JointLayer => {
  const { affine, movingMean, movingVariance, inputBias, epsilon, range } = options;
  const { newStatWeight, minGamma, isGammaFixed, synced, storage } = options;
  const width = movingMean.value.shape;
  const name = movingMean.name.replace(/\.running_mean$/, "");
  const one = affine ? null : tf.ones(width);
  const zero = affine && inputBias ? null : tf.zeros(width);
  const { activation } = options.tail;
  // Without a tail the gradient of the addend is that of the output.
  const keepsLaterInputs = activation.kind !== "identity" || options.tail.shuffleGroups > 1;
  const gammaNow = (): Tensor1D => (affine?.gamma.value ?? one) as Tensor1D;
  const betaNow = (): Tensor1D => (affine?.beta.value ?? zero) as Tensor1D;

  const tailNow = (): NormTail =>
    range ? { ...options.tail, activation: range.activation() } : options.tail;
  const raiseGamma = (): void => {
    if (affine && minGamma !== null) {
      replaceValue(affine.gamma, tf.maximum(affine.gamma.value, minGamma));
    }
  };

  /** The normalization with the running statistics. */
  const inferredAffine = (): Affine => {
    const mean = movingMean.value;
    const center = (inputBias ? tf.sub(mean, inputBias.value) : tf.clone(mean)) as Tensor1D;
    const deviation = tf.sqrt(tf.add(movingVariance.value, epsilon));
    const scale = tf.div(gammaNow(), deviation) as Tensor1D;
    return { center, scale, shift: tf.clone(betaNow()) };
  };

  /** The output with the running statistics; the caller keeps the inputs. */
  const inferred = ([x, addend]: Inputs, then: NormTail, y = FLOAT32): Tensor => {
    raiseGamma();
    return tf.tidy(() => affineActivate(x, inferredAffine(), then, addend ?? null, y));
  };

  /** The output and the running statistics of a batch, which enter the present ones with this weight. */
  const normed = ([x, addend]: Inputs, weight: number, then: NormTail, y = FLOAT32): NormResult =>
    (synced ? syncedNormTrain(synced) : normActivateTrain)(
      x,
      { gamma: gammaNow(), beta: betaNow() },
      { mean: movingMean.value as Tensor1D, variance: movingVariance.value as Tensor1D },
      { weight, inputBias: (inputBias?.value ?? zero) as Tensor1D },
      epsilon,
      then,
      addend ?? null,
      y,
    );

  /** The output with the batch's statistics, which enter the running ones with this weight. The caller keeps the inputs. */
  const trained = (xs: Inputs, weight: number): NormResult & { readonly tail: NormTail } => {
    raiseGamma();
    range?.start(() => normed(xs, 0, NORM_ALONE).y);
    const tail = tailNow();
    const result = normed(xs, weight, tail, storage.y);
    replaceValue(movingMean, result.running.mean);
    replaceValue(movingVariance, result.running.variance);
    return { ...result, tail };
  };

  /**
   * The norm's outputs z = gamma x + beta have the gradients dz: sum(z dz) is gamma dGamma + beta dBeta over all channels. An addend
   * has the same gradients.
   */
  const storeRangeGradient = (
    to: LearnedRange,
    dy: Tensor,
    saved: NormSaved,
    { dGamma, dBeta, dAddend }: NormGradients,
  ): void => {
    const inner = tf.tidy(() => {
      const own = tf.sum(tf.add(tf.mul(saved.gamma, dGamma), tf.mul(saved.beta, dBeta)));
      const { addend } = saved;
      if (!addend || !dAddend) return own;
      const added = floatsOf(addend, storage.addend);
      const gradient = floatsOf(dAddend, gradientStorage(storage.addend));
      return tf.add(own, tf.sum(tf.mul(added, gradient)));
    });
    const alone = { ...NORM_ALONE, shuffleGroups: options.tail.shuffleGroups };
    const clippedSum = (): Tensor =>
      tf.tidy(() =>
        to.clippedSum(
          normActivateRecompute(saved, epsilon, alone),
          floatsOf(dy, gradientStorage(storage.y)),
        ),
      );
    to.storeGradient(inner, clippedSum, saved.x.size / (saved.x.shape[0] as number));
    inner.dispose();
  };

  /** The gradient of the output as that of the addend, which takes it over. */
  const restored = (dy: Tensor): Tensor => {
    const [from, to] = [gradientStorage(storage.y), gradientStorage(storage.addend)];
    if (from.kind === to.kind) return dy;
    const again = storeAs(dy, from, to);
    dy.dispose();
    return again;
  };

  return {
    keepsLaterInputs,
    parameters: [
      ...(affine ? [affine.gamma, affine.beta] : []),
      ...(range ? [range.parameter] : []),
    ],
    // A file may contain other values of a fixed gamma.
    applyConstraints: () => {
      if (affine && isGammaFixed) replaceValue(affine.gamma, tf.ones(width));
    },
    infer: (inputs) => {
      const xs = inputs as Inputs;
      range?.start(() => inferred(xs, NORM_ALONE));
      const y = inferred(xs, tailNow(), storage.inferred);
      tf.dispose([...xs]);
      return [y];
    },
    // The range may have to be chosen by the first input.
    ...(!range && {
      epilogue: () => {
        raiseGamma();
        const affine = tidyObject(inferredAffine);
        return { affine, tail: options.tail, y: storage.inferred };
      },
    }),
    saturation: (xs) => {
      const output = inferred(xs as Inputs, NORM_ALONE);
      range?.start(() => output);
      const rate = saturationRate(output, tailNow().activation);
      output.dispose();
      return rate === null ? null : { name, rate };
    },
    recalibrate: (xs, weight) => {
      const { y, mean, variance } = trained(xs as Inputs, weight);
      tf.dispose([...xs, mean, variance]);
      return [y];
    },
    train: (inputs) => {
      const [x, added] = inputs as Inputs;
      const { y, mean, variance, tail } = trained(inputs as Inputs, newStatWeight);
      options.countBatch();
      const addend = (keepsLaterInputs && added) || null;
      if (!keepsLaterInputs) added?.dispose();
      const saved = { x, addend, gamma: gammaNow(), beta: betaNow(), mean, variance };
      return {
        ys: [y],
        // Codes take so little memory that the next layer keeps them.
        ...((!added || addend) &&
          storage.y.kind !== "codes" && {
            recompute: () => normActivateRecompute(saved, epsilon, tail, storage.y),
          }),
        backward: ([dOutput]) => {
          const dy = dOutput as Tensor4D;
          const gradient = synced ? syncedNormGradient(synced) : normActivateGradient;
          const gradients = gradient(dy, saved, epsilon, tail, {
            dx: gradientStorage(storage.x),
            dAddend: gradientStorage(storage.addend),
          });
          if (range) storeRangeGradient(range, dy, saved, gradients);
          tf.dispose([x, mean, variance]);
          addend?.dispose();
          const { dx, dGamma, dBeta, dAddend } = gradients;
          if (affine) affine.beta.gradient = dBeta;
          else dBeta.dispose();
          if (affine && !isGammaFixed) affine.gamma.gradient = dGamma;
          else dGamma.dispose();
          if (!added) {
            dy.dispose();
            return [dx];
          }
          if (!dAddend) return [dx, restored(dy)];
          dy.dispose();
          return [dx, dAddend];
        },
      };
    },
    dispose: () => {
      one?.dispose();
      zero?.dispose();
    },
  };
};

/** Batch normalization of one input, with the activation and the channel shuffle that follow it. */
export const normLayer = (options: NormLayerOptions): Layer => asSingle(addingNormLayer(options));
