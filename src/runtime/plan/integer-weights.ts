import { gcd } from "../../base/divisors.js";
import type { QuantizedTensor } from "../../graph/model.js";
import { gridValue } from "../../quant/numbers/grid-kernel.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import type { Codes, IntegerWeights } from "./plan.js";

const { fround } = Math;

/** The largest weight of a byte. */
const MOST = 127;
const LARGEST_SUM = 2 ** 31 - 1;

/** The sides of a kernel in PyTorch's order: [filters, channels, kh, kw], or [filters, channels] of a dense layer. */
const sidesOf = (shape: readonly number[]) => {
  const [filters, channels, kh = 1, kw = 1] = shape as [number, number, number?, number?];
  return { filters, channels, taps: kh * kw, size: channels * kh * kw };
};

/** Copies a kernel in PyTorch's order as [filters, kh, kw, channels], and returns the copy. */
export const channelsLast = <T extends Float32Array | Int8Array>(
  shape: readonly number[],
  from: Float32Array | Int8Array | Int16Array,
  to: T,
): T => {
  const { filters, channels, taps, size } = sidesOf(shape);
  if (taps === 1 || channels === 1) {
    to.set(from);
    return to;
  }
  for (let filter = 0, at = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels; channel++)
      for (let tap = 0; tap < taps; tap++, at++)
        to[filter * size + tap * channels + channel] = from[at] as number;
  return to;
};

/** The whole numbers of which weights are multiples of one scale per filter: signs, or the odd numbers 2 code - n. */
const wholeNumbers = ({ grid, codes }: QuantizedTensor): Int16Array => {
  if (grid.kind !== "dorefa") return codes;
  const levels = levelsOf(grid.bits);
  const numbers = new Int16Array(codes.length);
  for (let at = 0; at < codes.length; at++) numbers[at] = 2 * (codes[at] as number) - levels;
  return numbers;
};

interface FilterScale {
  /** By which its numbers are divided, so that they have no common divisor; negative if the scale is. */
  readonly divisor: number;
  readonly scale: number;
  /** The largest number after the division. */
  readonly largest: number;
}

/**
 * How the native engine finds a filter's integers in its float weights: they have no common divisor, and the scale is the
 * largest weight divided by the largest integer, in float32.
 */
const filterScale = (
  { grid, codes, scale }: QuantizedTensor,
  numbers: Int16Array,
  filter: number,
  size: number,
): FilterScale => {
  let [divisor, largest, code] = [0, 0, 0];
  for (let at = filter * size; at < (filter + 1) * size; at++) {
    const number = Math.abs(numbers[at] as number);
    if (divisor !== 1) divisor = gcd(divisor, number);
    if (number > largest) [largest, code] = [number, codes[at] as number];
  }
  const given = scale[filter] as number;
  if (divisor === 0 || given === 0) return { divisor: 1, scale: 0, largest };
  const weight = Math.abs(fround(gridValue(grid, code) * given));
  const most = largest / divisor;
  return { divisor: Math.sign(given) * divisor, scale: fround(weight / most), largest: most };
};

/**
 * Quantized weights as integers for inputs of these codes; undefined if a number could leave its byte, or a sum its 32
 * bits.
 */
export const integerWeights = (
  kernel: QuantizedTensor,
  input: Codes,
): IntegerWeights | undefined => {
  const { filters, size } = sidesOf(kernel.shape);
  const whole = wholeNumbers(kernel);
  const found = Array.from({ length: filters }, (_, filter) =>
    filterScale(kernel, whole, filter, size),
  );
  const largest = found.reduce((most, each) => Math.max(most, each.largest), 0);
  if (2 * size * (largest + 1) * input.top > LARGEST_SUM) return undefined;
  const areHalved = largest > MOST;
  // Only odd numbers can be halved; those of DoReFa grids are, and so are their odd quotients.
  if (areHalved && kernel.grid.kind !== "dorefa") return undefined;
  const own = new Int8Array(filters * size);
  for (const [filter, { divisor }] of found.entries())
    for (let at = filter * size; at < (filter + 1) * size; at++) {
      const number = (whole[at] as number) / divisor;
      own[at] = areHalved ? (number - 1) / 2 : number;
    }
  const numbers = channelsLast(kernel.shape, own, new Int8Array(own.length));
  const step = fround(1 / input.levels);
  const factor = Float32Array.from(found, ({ scale }) => fround(scale) * step);
  return { kind: "integers", numbers, areHalved, areSigns: largest <= 1, factor, input };
};
