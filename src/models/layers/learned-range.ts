import {
  LEAST_STEP,
  type LearnedQuantizer,
  rangeLevels,
  rangeOf,
} from "../../quant/activations/learned-quantizer.js";
import type { Activation } from "../../tensor/ops/activation.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { type Parameter, replaceValue } from "../parameter.js";

/** The first clipping level of PACT, as in the paper's code. */
const PACT_START = 8;

/** The first step for values (LSQ, section 2.1): 2 mean|v| / sqrt(levels). */
export const firstStep = (values: Tensor, levels: number): Tensor =>
  tf.tidy(() =>
    tf.reshape(tf.maximum(tf.mul(tf.mean(tf.abs(values)), 2 / Math.sqrt(levels)), LEAST_STEP), [1]),
  );

/** The factor of a step's gradient (LSQ, section 2.2), for `count` values. */
export const stepGradientFactor = (count: number, levels: number): number =>
  1 / Math.sqrt(count * levels);

/** The trained range of the activations of a layer. */
export interface LearnedRange {
  readonly parameter: Parameter;
  /** Chooses the range by the layer's first input, which has gone through the norm before the quantizer, if any. */
  readonly start: (input: () => Tensor) => void;
  /** The quantizer with its current range, as an activation with a constant factor. */
  readonly activation: () => Activation;
  /**
   * Stores the gradient of the range. `inner` is the sum of x dx over the quantizer's inputs x and their gradients dx;
   * `clipped` computes the sum of the gradients of outputs that are clipped from above.
   */
  readonly storeGradient: (inner: Tensor, clipped: () => Tensor, featuresPerImage: number) => void;
  /** The sum of dy where x is clipped from above, and of -dy where it is from below. It takes x over. */
  readonly clippedSum: (x: Tensor, dy: Tensor) => Tensor;
}

/**
 * The trained range r of a quantizer q = round(clamp(x / r, 0, 1) n) / n of activations; the layer computes with q, and the
 * norm after the next convolution removes the factor r.
 *
 * - `lsq` (Esser et al. 2020): r = s n with the step s. Straight through the rounding, ds = -sum(dx x) / s, times
 *   1 / sqrt(N n) for N features per image. LSQ's gradient (eq. 3) differs by sum(dq q), which is 0 before a batch norm.
 *   The first step is 2 mean|x| / sqrt(n) over the first batch.
 * - `pact` (Choi et al. 2018, eq. 3): dr is the sum of the gradients of clipped outputs, dq / r. The first r is 8, and
 *   weight decay applies to it.
 *
 * @param includesRelu whether a ReLU before the quantizer runs with it
 */
export const learnedRange = (
  parameter: Parameter,
  quantizer: LearnedQuantizer,
  includesRelu: boolean,
): LearnedRange => {
  const levels = rangeLevels(quantizer);
  let [known, number]: [Tensor | null, number] = [null, 0];
  /** The stored number: the attribute of a kernel, so it is read back once per step. */
  const stored = (): number => {
    if (known !== parameter.value) {
      [known, number] = [parameter.value, parameter.value.dataSync()[0] as number];
    }
    return number;
  };
  const range = (): number => rangeOf(quantizer, stored());
  return {
    parameter,
    start: (input) => {
      if (stored() !== 0) return;
      const first = tf.tidy(() => {
        if (quantizer.learned === "pact") return tf.tensor1d([PACT_START]);
        const x = input();
        return firstStep(includesRelu ? tf.relu(x) : x, levels);
      });
      replaceValue(parameter, first);
    },
    activation: () => {
      const scale = Math.fround(1 / range());
      return quantizer.isSigned
        ? { kind: "signedUnit", levels, scale }
        : { kind: "unit", levels, scale, afterRelu: includesRelu };
    },
    clippedSum: (x, dy) =>
      tf.tidy(() => {
        const isAbove = tf.cast(tf.greaterEqual(x, range()), "float32");
        const sign = quantizer.isSigned
          ? tf.sub(isAbove, tf.cast(tf.lessEqual(x, -range()), "float32"))
          : isAbove;
        const sum = tf.sum(tf.mul(dy, sign));
        x.dispose();
        return sum;
      }),
    storeGradient: (inner, clipped, featuresPerImage) => {
      parameter.gradient = tf.tidy(() => {
        const gradient =
          quantizer.learned === "pact"
            ? tf.div(clipped(), range())
            : tf.mul(
                inner,
                -stepGradientFactor(featuresPerImage, levels) / Math.max(stored(), LEAST_STEP),
              );
        return tf.reshape(gradient, [1]);
      });
    },
  };
};
