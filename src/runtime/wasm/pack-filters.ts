import type { ConvShape, FloatWeights, IntegerWeights } from "../plan/plan.js";

/** Filters of a block. */
export const BLOCK = 8;
const BITS_PER_WORD = 32;
/** Codes or weights of a word of 4 bytes. */
const PER_WORD = { floats: 1, shorts: 2, bytes: 4 } as const;

export type DenseKernel = keyof typeof PER_WORD;
export type BitKernel = "signs" | "ternary";

/** The sizes of packed filters. */
export interface FilterSizes {
  readonly own: number;
  readonly perGroup: number;
  readonly taps: number;
  /** Words of a tap. */
  readonly tapWords: number;
  /** Words of a filter. */
  readonly words: number;
  /** Blocks of 8 filters in a group. */
  readonly blocks: number;
}

/** @param extra columns after the filters of a group */
export const filterSizes = (
  { channels, filters, groups, kernel }: ConvShape,
  kind: DenseKernel | BitKernel,
  extra: number,
): FilterSizes => {
  const [own, perGroup, taps] = [channels / groups, filters / groups, kernel[0] * kernel[1]];
  const perWord = kind === "signs" || kind === "ternary" ? BITS_PER_WORD : PER_WORD[kind];
  const tapWords = Math.ceil(own / perWord);
  const blocks = Math.ceil((perGroup + extra) / BLOCK);
  return { own, perGroup, taps, tapWords, words: taps * tapWords, blocks };
};

/** The weight of a filter at a tap and channel; filter `perGroup` of a group is a column of ones. */
type WeightAt = (filter: number, tap: number, channel: number) => number;

/** Calls `put(index, weight)` for all weights of filters in blocks: [groups, blocks, words, 8 filters, per word]. */
const packDense = (
  { groups }: ConvShape,
  sizes: FilterSizes,
  { perWord, extra, weightAt }: { perWord: number; extra: number; weightAt: WeightAt },
  put: (index: number, weight: number) => void,
): void => {
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  for (let group = 0; group < groups; group++)
    for (let column = 0; column < perGroup + extra; column++) {
      const block = group * blocks + Math.floor(column / BLOCK);
      const isOnes = column === perGroup;
      for (let tap = 0; tap < taps; tap++)
        for (let channel = 0; channel < own; channel++) {
          const word = block * words + tap * tapWords + Math.floor(channel / perWord);
          const index = (word * BLOCK + (column % BLOCK)) * perWord + (channel % perWord);
          put(index, isOnes ? 1 : weightAt(group * perGroup + column, tap, channel));
        }
    }
};

const lengthOf = ({ groups }: ConvShape, { blocks, words }: FilterSizes, perWord: number): number =>
  groups * blocks * words * BLOCK * perWord;

/** The packed filters of integers in bytes or shorts, with `extra` columns of ones. Shorts hold the whole weights. */
export const packIntegers = (
  shape: ConvShape,
  { numbers, areHalved }: IntegerWeights,
  kind: "bytes" | "shorts",
  extra: number,
): Int8Array | Int16Array => {
  const sizes = filterSizes(shape, kind, extra);
  const perWord = PER_WORD[kind];
  const length = lengthOf(shape, sizes, perWord);
  const packed = kind === "bytes" ? new Int8Array(length) : new Int16Array(length);
  const isWhole = kind === "shorts" && areHalved;
  const weightAt: WeightAt = (filter, tap, channel) => {
    const number = numbers[(filter * sizes.taps + tap) * sizes.own + channel] as number;
    return isWhole ? 2 * number + 1 : number;
  };
  packDense(shape, sizes, { perWord, extra, weightAt }, (index, weight) => {
    packed[index] = weight;
  });
  return packed;
};

export const packFloats = (shape: ConvShape, { numbers }: FloatWeights): Float32Array => {
  const sizes = filterSizes(shape, "floats", 0);
  const packed = new Float32Array(lengthOf(shape, sizes, 1));
  const weightAt: WeightAt = (filter, tap, channel) =>
    numbers[(filter * sizes.taps + tap) * sizes.own + channel] as number;
  packDense(shape, sizes, { perWord: 1, extra: 0, weightAt }, (index, weight) => {
    packed[index] = weight;
  });
  return packed;
};

/**
 * Packed filters of signs: for every word of a block [negative 0-3, negative 4-7], or with zeros for every four filters
 * [words, present, negative].
 */
export const packSigns = (
  shape: ConvShape,
  { numbers }: IntegerWeights,
  kind: BitKernel,
): Int32Array => {
  const sizes = filterSizes(shape, kind, 0);
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  const planes = kind === "ternary" ? 2 : 1;
  const packed = new Int32Array(shape.groups * blocks * words * BLOCK * planes);
  const set = (index: number, channel: number): void => {
    packed[index] = (packed[index] as number) | (1 << (channel % BITS_PER_WORD));
  };
  for (let filter = 0; filter < shape.filters; filter++) {
    const [group, column] = [Math.floor(filter / perGroup), filter % perGroup];
    const block = group * blocks + Math.floor(column / BLOCK);
    const lane = column % BLOCK;
    for (let tap = 0; tap < taps; tap++)
      for (let channel = 0; channel < own; channel++) {
        const number = numbers[(filter * taps + tap) * own + channel] as number;
        const word = tap * tapWords + Math.floor(channel / BITS_PER_WORD);
        if (kind === "signs") {
          if (number < 0) set((block * words + word) * BLOCK + lane, channel);
          continue;
        }
        const half = (block * 2 + Math.floor(lane / 4)) * words + word;
        if (number !== 0) set(half * BLOCK + (lane % 4), channel);
        if (number < 0) set(half * BLOCK + 4 + (lane % 4), channel);
      }
  }
  return packed;
};
