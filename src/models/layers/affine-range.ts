import type { AffineActivation } from "../../graph/quantizers.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import {
  type AffineNumbers,
  affineNumbers,
  fakeQuantize,
  isInsideRange,
  rangeGradient,
} from "../../tensor/ops/affine.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { type Parameter, replaceValue, type StateTensor } from "../parameter.js";
import type { Layer } from "./layer.js";

/** The weight of a batch in a moving average of ranges (PyTorch's averaging_constant). */
const NEW_RANGE_WEIGHT = 0.01;

/** The least and the largest value, [2]. */
const extremes = (x: Tensor): Tensor => tf.tidy(() => tf.stack([tf.min(x), tf.max(x)]));

/**
 * An affine quantizer of activations (see fakeQuantize) whose range [low, high] is in the state dict as `range`:
 * - moving average: each training batch moves it by 1% towards its own least and largest value (Jacob et al. 2018, section
 *   3.1, with PyTorch's constant)
 * - learned: both ends are trained (see rangeGradient)
 *
 * The first batch sets it. Inputs have dx = dy where they are not clipped.
 *
 * @param range [2]; a parameter if it is learned
 */
export const affineRangeLayer = (
  range: Parameter | StateTensor,
  quantizer: AffineActivation,
  name: string,
): Layer => {
  const levels = levelsOf(quantizer.bits);
  const scheme = { levels, isSymmetric: quantizer.isSymmetric };
  const isLearned = quantizer.range.kind === "learned";
  let hasStarted = false;
  const start = (x: Tensor): void => {
    if (hasStarted) return;
    hasStarted = true;
    if (range.value.dataSync().every((end) => end === 0)) replaceValue(range, extremes(x));
  };
  const follow = (x: Tensor): void => {
    if (isLearned) return;
    const moved = tf.tidy(() =>
      tf.add(range.value, tf.mul(tf.sub(extremes(x), range.value), NEW_RANGE_WEIGHT)),
    );
    replaceValue(range, moved);
  };
  /** Calls `use` with the present grid. */
  const withGrid = <T>(use: (grid: AffineNumbers) => T): T => {
    const [low, high] = tf.unstack(range.value) as [Tensor, Tensor];
    const grid = affineNumbers(low, high, scheme);
    const result = use(grid);
    tf.dispose([low, high, grid.scale, grid.zero]);
    return result;
  };
  const output = (x: Tensor): Tensor => withGrid((grid) => fakeQuantize(x, grid, levels));
  return {
    parameters: isLearned ? [range as Parameter] : [],
    infer: (x) => {
      start(x);
      const y = output(x);
      x.dispose();
      return y;
    },
    train: (x) => {
      start(x);
      follow(x);
      // The range of this pass: the backward pass of a moving average must not see that of a later one.
      const grid = withGrid(({ scale, zero }) => ({
        scale: tf.clone(scale),
        zero: tf.clone(zero),
      }));
      return {
        y: fakeQuantize(x, grid, levels),
        backward: (dy) => {
          if (isLearned) (range as Parameter).gradient = rangeGradient(dy, x, grid, levels);
          const dx = tf.tidy(() => tf.mul(dy, isInsideRange(x, grid, levels)));
          tf.dispose([dy, x, grid.scale, grid.zero]);
          return dx;
        },
      };
    },
    saturation: (x) => {
      start(x);
      const inside = withGrid((grid) => tf.tidy(() => tf.mean(isInsideRange(x, grid, levels))));
      const rate = 1 - (inside.dataSync()[0] as number);
      inside.dispose();
      return { name, rate };
    },
  };
};
