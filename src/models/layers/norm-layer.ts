import { saturationRate } from "../../quant/tensors/saturation-rate.js";
import {
  affineActivate,
  type NormResult,
  type NormSaved,
  type NormTail,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../tensor/ops/norm-activate.js";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "../../tensor/tf.js";
import { type Parameter, replaceValue, type StateTensor } from "../parameter.js";
import type { Layer } from "./layer.js";
import type { LearnedRange } from "./learned-range.js";

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
  /** The trained range of the quantizer in the tail, whose activation is then that of the range; absent otherwise. */
  readonly range?: LearnedRange | undefined;
  /** Called in every training pass (PyTorch's num_batches_tracked). */
  readonly countBatch: () => void;
}

const NORM_ALONE: NormTail = { activation: { kind: "identity" }, shuffleGroups: 1 };

/** Batch normalization with the activation and the channel shuffle that follow it. */
export const normLayer = (options: NormLayerOptions): Layer => {
  const { affine, movingMean, movingVariance, inputBias, epsilon, range } = options;
  const { newStatWeight, minGamma, isGammaFixed } = options;
  const width = movingMean.value.shape;
  const name = movingMean.name.replace(/\.running_mean$/, "");
  const one = affine ? null : tf.ones(width);
  const zero = affine && inputBias ? null : tf.zeros(width);
  const gammaNow = (): Tensor1D => (affine?.gamma.value ?? one) as Tensor1D;
  const betaNow = (): Tensor1D => (affine?.beta.value ?? zero) as Tensor1D;

  const tailNow = (): NormTail =>
    range ? { ...options.tail, activation: range.activation() } : options.tail;
  const raiseGamma = (): void => {
    if (affine && minGamma !== null) {
      replaceValue(affine.gamma, tf.maximum(affine.gamma.value, minGamma));
    }
  };

  /** The output with the running statistics; the caller keeps x. */
  const inferred = (x: Tensor, then: NormTail): Tensor => {
    raiseGamma();
    return tf.tidy(() => {
      const mean = movingMean.value;
      const center = (inputBias ? tf.sub(mean, inputBias.value) : mean) as Tensor1D;
      const deviation = tf.sqrt(tf.add(movingVariance.value, epsilon));
      const scale = tf.div(gammaNow(), deviation) as Tensor1D;
      return affineActivate(x as Tensor4D, { center, scale, shift: betaNow() }, then);
    });
  };

  /** The output and the running statistics of a batch, which enter the present ones with this weight. */
  const normed = (x: Tensor, weight: number, then: NormTail): NormResult =>
    normActivateTrain(
      x as Tensor4D,
      { gamma: gammaNow(), beta: betaNow() },
      { mean: movingMean.value as Tensor1D, variance: movingVariance.value as Tensor1D },
      { weight, inputBias: (inputBias?.value ?? zero) as Tensor1D },
      epsilon,
      then,
    );

  /** The output with the batch's statistics, which enter the running ones with this weight. The caller keeps x. */
  const trained = (x: Tensor, weight: number): NormResult & { readonly tail: NormTail } => {
    raiseGamma();
    range?.start(() => normed(x, 0, NORM_ALONE).y);
    const tail = tailNow();
    const result = normed(x, weight, tail);
    replaceValue(movingMean, result.running.mean);
    replaceValue(movingVariance, result.running.variance);
    return { ...result, tail };
  };

  /** The norm's outputs z = gamma x + beta have the gradients dz: sum(z dz) is gamma dGamma + beta dBeta over all channels. */
  const storeRangeGradient = (
    to: LearnedRange,
    dy: Tensor,
    { dGamma, dBeta, ...saved }: NormSaved & { readonly dGamma: Tensor; readonly dBeta: Tensor },
  ): void => {
    const inner = tf.tidy(() =>
      tf.sum(tf.add(tf.mul(saved.gamma, dGamma), tf.mul(saved.beta, dBeta))),
    );
    const alone = { ...NORM_ALONE, shuffleGroups: options.tail.shuffleGroups };
    to.storeGradient(
      inner,
      () => to.clippedSum(normActivateRecompute(saved, epsilon, alone), dy),
      saved.x.size / (saved.x.shape[0] as number),
    );
    inner.dispose();
  };

  return {
    parameters: [
      ...(affine ? [affine.gamma, affine.beta] : []),
      ...(range ? [range.parameter] : []),
    ],
    // A file may contain other values of a fixed gamma.
    applyConstraints: () => {
      if (affine && isGammaFixed) replaceValue(affine.gamma, tf.ones(width));
    },
    infer: (x) => {
      range?.start(() => inferred(x, NORM_ALONE));
      const y = inferred(x, tailNow());
      x.dispose();
      return y;
    },
    saturation: (x) => {
      const output = inferred(x, NORM_ALONE);
      range?.start(() => output);
      const rate = saturationRate(output, tailNow().activation);
      output.dispose();
      return rate === null ? null : { name, rate };
    },
    recalibrate: (x, weight) => {
      const { y, mean, variance } = trained(x, weight);
      tf.dispose([x, mean, variance]);
      return y;
    },
    train: (x) => {
      const { y, mean, variance, tail } = trained(x, newStatWeight);
      options.countBatch();
      const saved = { x: x as Tensor4D, gamma: gammaNow(), beta: betaNow(), mean, variance };
      return {
        y,
        recompute: () => normActivateRecompute(saved, epsilon, tail),
        backward: (dy) => {
          const { dx, dGamma, dBeta } = normActivateGradient(dy as Tensor4D, saved, epsilon, tail);
          if (range) storeRangeGradient(range, dy, { ...saved, dGamma, dBeta });
          tf.dispose([dy, x, mean, variance]);
          if (affine) affine.beta.gradient = dBeta;
          else dBeta.dispose();
          if (affine && !isGammaFixed) affine.gamma.gradient = dGamma;
          else dGamma.dispose();
          return dx;
        },
      };
    },
    dispose: () => {
      one?.dispose();
      zero?.dispose();
    },
  };
};
