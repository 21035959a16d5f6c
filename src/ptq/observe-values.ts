import type { ValueId } from "../graph/graph.js";
import type { RunningGraph } from "../models/executor/run-graph.js";
import type { AffineRange } from "../quant/numbers/affine-grid.js";
import { type Tensor, type Tensor4D, tf } from "../tensor/tf.js";
import type { Observer } from "./observers/observer.js";

/** Values of a tensor that a histogram is made of, at most. */
const SAMPLE = 1 << 18;

/** The least and the largest value; both are NaN if any value is. */
const rangeOf = (x: Tensor): AffineRange => {
  const numbers = tf.tidy(() => tf.stack([tf.min(x), tf.max(x), tf.sum(x)]));
  const [low, high, sum] = numbers.dataSync() as unknown as [number, number, number];
  numbers.dispose();
  return Number.isNaN(sum) ? { low: Number.NaN, high: Number.NaN } : { low, high };
};

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/**
 * All channels of evenly spaced positions; only these are copied. The stride has no factor in common with the width, so that it meets all
 * columns.
 */
export const sampleOf = (x: Tensor): Float32Array => {
  if (x.size <= SAMPLE) return x.dataSync() as Float32Array;
  const channels = x.shape.at(-1) as number;
  const positions = x.size / channels;
  let stride = Math.ceil(x.size / SAMPLE);
  while (greatestDivisor(x.shape.at(-2) as number, stride) > 1) stride++;
  const chosen = Int32Array.from(
    { length: Math.ceil(positions / stride) },
    (_, index) => index * stride,
  );
  const sample = tf.tidy(() =>
    tf.gather(tf.reshape(x, [positions, channels]), tf.tensor1d(chosen, "int32")),
  );
  const values = sample.dataSync() as Float32Array;
  sample.dispose();
  return values;
};

/** Shows the values of a net to their observers, for images [n, h, w, c]. The caller keeps the images. */
export const observeValues = (
  net: RunningGraph,
  images: Tensor4D,
  observers: ReadonlyMap<ValueId, { readonly observer: Observer; readonly needsValues: boolean }>,
): void => {
  const show = (value: ValueId, x: Tensor): void => {
    const found = observers.get(value);
    if (!found) return;
    const none = new Float32Array(0);
    found.observer.add(rangeOf(x), found.needsValues ? sampleOf(x) : none);
  };
  const [input] = net.graph.inputs;
  if (input) show(input.name, images);
  const run = net.inferStepwise(images);
  for (let state = run.next(); ; state = run.next()) {
    if (state.done) {
      state.value.dispose();
      return;
    }
    const { ys, outputs } = state.value;
    ys?.forEach((y, index) => {
      show(outputs[index] as ValueId, y);
    });
  }
};
