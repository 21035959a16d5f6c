import type { FixedPoint } from "../../integer/fixed-point.js";
import { codesOf } from "../plan/code-format.js";
import type { Activation, Requantization, Tail } from "../plan/plan.js";
import { shuffledPositions } from "../reference/tail.js";
import type { Layout } from "./layout.js";
import { thresholdsOf } from "./thresholds.js";

/** The numbers of activations in wasm/assembly/tail.ts; others run after the kernel. */
const ACTS = {
  identity: 0,
  relu: 1,
  relu6: 2,
  leakyRelu: 3,
  unit: 4,
  signedUnit: 5,
  unitSign: 6,
  step: 7,
  sign: 8,
  ternary: 9,
} as const;
/** The number of what is in place of an activation: integer sums as codes, in integers. */
const REQUANTIZE = 10;

/** Whether the kernels have an activation. */
export const hasKernel = ({ kind }: Activation): boolean => kind in ACTS;

/** How the sums before a tail become floats. */
export type Sums =
  | { readonly kind: "floats" }
  | {
      readonly kind: "integers";
      /** Whether the sums are of halved weights: to be doubled and added to the sum of the window. */
      readonly areHalved: boolean;
      readonly constant: Int32Array | null;
      /** Null if sums become codes in integers. */
      readonly factor: Float32Array | null;
      /** The largest magnitude of a sum with its constant. */
      readonly mostSum: () => number;
    };

const MOST_FLOAT = 3.4e38;

/** Products of less than these keep a bit for rounding in float64, and their integers fit into 32 bits. */
const EXACT = { product: 2 ** 52, integer: 2 ** 30 };

/**
 * Places multipliers as float64, and half of the last place of their products, which rounds halves up. Returns the addresses; zeros if
 * a product with one of the largest sums is not exact.
 */
const placeDoubles = (
  layout: Layout,
  multipliers: readonly FixedPoint[],
  sums: readonly number[],
): readonly [number, number] => {
  const areExact = multipliers.every(({ multiplier, shift }, filter) => {
    const product = (sums[filter] ?? Number.POSITIVE_INFINITY) * multiplier;
    return shift < 31 && product < EXACT.product && product * 2 ** (shift - 31) < EXACT.integer;
  });
  if (!areExact) return [0, 0];
  const scales = multipliers.map(({ multiplier, shift }) => multiplier * 2 ** (shift - 31));
  const nudges = multipliers.map(({ shift }) => 2 ** (shift - 32));
  const place = (values: readonly number[]): number =>
    layout.place(new Uint8Array(Float64Array.from(values).buffer));
  return [place(scales), place(nudges)];
};

/** Codes are computed with a sign, around this one. */
const MIDDLE = 128;

/** Sums and products with which wasm/assembly/tail.ts may compute in float32; see requantizedWords there. */
const ROUGH = { sum: 2 ** 24, product: 2 ** 14 };
/** The unit of its products. */
const ROUGH_UNIT = 256;
/** The sum of this and a number below 2^22 has the number, rounded to an integer, in its low bits. */
export const MAGIC = 1.5 * 2 ** 23;
const MAGIC_BITS = new Int32Array(Float32Array.of(MAGIC).buffer)[0] as number;

/** Places multipliers as float32, and returns the address; 0 if a sum or product may be too large. */
const placeRough = (
  layout: Layout,
  multipliers: readonly FixedPoint[],
  sums: readonly number[],
): number => {
  const scales = multipliers.map(({ multiplier, shift }) => multiplier * 2 ** (shift - 31));
  const areSmall = scales.every((scale, filter) => {
    const sum = sums[filter] ?? Number.POSITIVE_INFINITY;
    return sum < ROUGH.sum && sum * scale < ROUGH.product;
  });
  return areSmall ? layout.place(Float32Array.from(scales, (scale) => scale * ROUGH_UNIT)) : 0;
};

/**
 * Places multipliers as the kernels use them, and returns the address. A multiplier m 2^(shift - 31) is a product with m plus half of
 * the divisor 2^(31 - shift), shifted to the right. WebAssembly has no shifts of its own for each lane: it shifts all lanes by
 * 31, multiplies by 2^(30 + shift), and shifts all lanes by 30, which is the same.
 */
const placeRequantization = (
  layout: Layout,
  { multipliers, zero, low, high }: Requantization,
  sums: readonly number[],
): number => {
  // Sums of at most 2^30 that are divided by 2^31 are 0.
  const known = multipliers.map(({ multiplier, shift }) =>
    shift <= -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift },
  );
  const column = (of: (shift: number) => number): number =>
    layout.place(Int32Array.from(known, ({ shift }) => of(shift)));
  const halves = BigInt64Array.from(known, ({ shift }) => 1n << BigInt(30 - Math.min(shift, 0)));
  const halvesAt = layout.place(new Uint8Array(halves.buffer));
  return layout.place(
    Int32Array.of(
      layout.place(Int32Array.from(known, ({ multiplier }) => multiplier)),
      halvesAt,
      column((shift) => 2 ** (30 + Math.min(shift, 0))),
      column((shift) => 31 - Math.min(shift, 0)),
      // Multipliers of 1 and more, for which sums are shifted first.
      known.some(({ shift }) => shift > 0) ? column((shift) => 2 ** Math.max(shift, 0)) : 0,
      zero,
      low,
      high,
      ...placeDoubles(layout, multipliers, sums),
      placeRough(layout, multipliers, sums),
      MAGIC_BITS,
      MAGIC_BITS - ROUGH_UNIT * (zero - MIDDLE),
    ),
  );
};

/** Bytes of a tail in memory, from that of a thread to that of the next. */
export const TAIL_BYTES = 128;

/** The number of times that codes are halved and interleaved for a shuffle; 0 if that is not all of it. */
const interleavingsOf = ({ activation, shuffleGroups }: Tail): number => {
  const halvings = Math.log2(shuffleGroups);
  return codesOf(activation) && Number.isInteger(halvings) ? halvings : 0;
};

/** Places a tail in memory for every thread and returns the address of the first. @param rowsAt scratch for a row of outputs of each */
export const placeTail = (
  layout: Layout,
  tail: Tail,
  {
    channels,
    sums,
    rowsAt,
    requantization,
    largestSums = [],
  }: {
    channels: number;
    sums: Sums;
    rowsAt: readonly number[];
    requantization?: Requantization | undefined;
    /** Of every filter, in magnitude; only with a requantization. */
    largestSums?: readonly number[];
  },
): number => {
  const { bias, affine, activation, shuffleGroups } = tail;
  const known = activation as Partial<{
    scale: number;
    limit: number;
    levels: number;
    slope: number;
  }>;
  const pointers = [
    sums.kind === "floats" ? 0 : sums.areHalved ? 2 : 1,
    layout.place(sums.kind === "floats" ? null : sums.constant),
    layout.place(sums.kind === "floats" ? null : sums.factor),
    layout.place(bias),
    layout.place(affine?.center ?? null),
    layout.place(affine?.scale ?? null),
    layout.place(affine?.shift ?? null),
    requantization ? REQUANTIZE : (ACTS[activation.kind as keyof typeof ACTS] ?? ACTS.identity),
  ];
  const floats = [known.scale ?? 1, known.limit ?? MOST_FLOAT, known.levels ?? 1, known.slope ?? 0];
  const before = [
    codesOf(activation) || requantization ? 1 : 0,
    layout.place(shuffleGroups > 1 ? shuffledPositions(channels, shuffleGroups) : null),
    channels,
  ];
  const multipliers = requantization ? placeRequantization(layout, requantization, largestSums) : 0;
  const thresholds =
    sums.kind === "integers" && sums.factor
      ? thresholdsOf(tail, channels, { ...sums, factor: sums.factor })
      : null;
  const after = [
    multipliers,
    layout.place(thresholds),
    thresholds ? thresholds.length / channels - 1 : 0,
    interleavingsOf(tail),
  ];
  const bytes = new DataView(new ArrayBuffer(TAIL_BYTES * rowsAt.length));
  for (const [thread, rowAt] of rowsAt.entries()) {
    let at = thread * TAIL_BYTES;
    const put = (numbers: readonly number[], set: "setInt32" | "setFloat32"): void => {
      for (const number of numbers) {
        bytes[set](at, number, true);
        at += 4;
      }
    };
    put(pointers, "setInt32");
    put(floats, "setFloat32");
    put([...before, rowAt, ...after], "setInt32");
  }
  return layout.place(new Uint8Array(bytes.buffer));
};
