import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import type { MaskedResult } from "./relu.js";

/** How an activation is brought to [0, 1] and rounded there. */
export interface UnitQuantization {
  /** Factor before the clamp; 0.1 in the original. */
  readonly scale: number;
  /** Steps of the grid, 2^bits - 1. */
  readonly levels: number;
  /**
   * True: the input comes straight from a batch norm and its ReLU is part of this op, whose gradient
   * is 0 at x = 0. False: the clamp alone, whose gradient passes at both of its ends.
   */
  readonly afterRelu: boolean;
}

const quantized = <T extends Tensor>(scaled: T, levels: number): T =>
  tf.div(tf.round(tf.mul(tf.clipByValue(scaled, 0, 1), levels)), levels) as T;

/**
 * round(clamp(scale x, 0, 1) levels) / levels, each step rounded to float32 in this order, half to even.
 * The ReLU changes no value here, since the clamp starts at 0.
 */
export const quantizeUnit = defineOp(
  "quantizeUnit",
  <T extends Tensor>(x: T, { scale, levels }: UnitQuantization): T =>
    tf.tidy(() => quantized(tf.mul(x, scale) as T, levels)),
);

/** {@link quantizeUnit} with the mask of where its gradient, `scale` dy, passes. */
export const quantizeUnitTrain = defineOp(
  "quantizeUnitTrain",
  <T extends Tensor>(x: T, { scale, levels, afterRelu }: UnitQuantization): MaskedResult<T> =>
    tidyObject(() => {
      const scaled = tf.mul(x, scale) as T;
      const aboveZero = afterRelu ? tf.greater(x, 0) : tf.greaterEqual(scaled, 0);
      const mask = tf.logicalAnd(aboveZero, tf.lessEqual(scaled, 1));
      return { y: quantized(scaled, levels), mask };
    }),
);
