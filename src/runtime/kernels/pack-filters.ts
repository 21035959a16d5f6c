import type { ConvShape, FloatWeights, IntegerWeights } from "../plan/plan.js";
import type { FilterLayout } from "./kernel-target.js";

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
  /** Blocks of filters in a group. */
  readonly blocks: number;
}

/** How a convolution's filters are packed. */
export interface Packing extends FilterLayout {
  /** Columns after the filters of a group. */
  readonly extra: number;
}

/** The sizes of the packed filters of a convolution. */
export const filterSizes = (
  { channels, filters, groups, kernel }: ConvShape,
  kind: DenseKernel | BitKernel,
  { block, extra }: Packing,
): FilterSizes => {
  const [own, perGroup, taps] = [channels / groups, filters / groups, kernel[0] * kernel[1]];
  const perWord = kind === "signs" || kind === "ternary" ? BITS_PER_WORD : PER_WORD[kind];
  const tapWords = Math.ceil(own / perWord);
  const blocks = Math.ceil((perGroup + extra) / block);
  return { own, perGroup, taps, tapWords, words: taps * tapWords, blocks };
};

/** The weight of a filter at a tap and channel; filter `perGroup` of a group is a column of ones. */
type WeightAt = (filter: number, tap: number, channel: number) => number;

/** Calls `put(index, weight)` for all weights of filters in blocks: [groups, blocks, words, filters of a block, per word]. */
const packDense = (
  { groups }: ConvShape,
  sizes: FilterSizes,
  { perWord, extra, block: width, weightAt }: Packing & { perWord: number; weightAt: WeightAt },
  put: (index: number, weight: number) => void,
): void => {
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  for (let group = 0; group < groups; group++)
    for (let column = 0; column < perGroup + extra; column++) {
      const block = group * blocks + Math.floor(column / width);
      const isOnes = column === perGroup;
      for (let tap = 0; tap < taps; tap++)
        for (let channel = 0; channel < own; channel++) {
          const word = block * words + tap * tapWords + Math.floor(channel / perWord);
          const index = (word * width + (column % width)) * perWord + (channel % perWord);
          put(index, isOnes ? 1 : weightAt(group * perGroup + column, tap, channel));
        }
    }
};

const lengthOf = ({ groups }: ConvShape, { blocks, words }: FilterSizes, width: number): number =>
  groups * blocks * words * width;

/** The packed filters of integers in bytes or shorts, with `extra` columns of ones. Shorts hold the whole weights. */
export const packIntegers = (
  shape: ConvShape,
  { numbers, areHalved }: IntegerWeights,
  kind: "bytes" | "shorts",
  packing: Packing,
): Int8Array | Int16Array => {
  const sizes = filterSizes(shape, kind, packing);
  const perWord = PER_WORD[kind];
  const length = lengthOf(shape, sizes, packing.block * perWord);
  const packed = kind === "bytes" ? new Int8Array(length) : new Int16Array(length);
  const isWhole = kind === "shorts" && areHalved;
  const weightAt: WeightAt = (filter, tap, channel) => {
    const number = numbers[(filter * sizes.taps + tap) * sizes.own + channel] as number;
    return isWhole ? 2 * number + 1 : number;
  };
  packDense(shape, sizes, { ...packing, perWord, weightAt }, (index, weight) => {
    packed[index] = weight;
  });
  return packed;
};

export const packFloats = (
  shape: ConvShape,
  { numbers }: FloatWeights,
  packing: Packing,
): Float32Array => {
  const sizes = filterSizes(shape, "floats", packing);
  const packed = new Float32Array(lengthOf(shape, sizes, packing.block));
  const weightAt: WeightAt = (filter, tap, channel) =>
    numbers[(filter * sizes.taps + tap) * sizes.own + channel] as number;
  packDense(shape, sizes, { ...packing, perWord: 1, weightAt }, (index, weight) => {
    packed[index] = weight;
  });
  return packed;
};

/**
 * Packed filters of signs: the negative channels for every word of a block; or with zeros, for every word of a vector of
 * filters, the present and then the negative channels.
 */
export const packSigns = (
  shape: ConvShape,
  { numbers }: IntegerWeights,
  kind: BitKernel,
  packing: Packing,
): Int32Array => {
  const { block: width, lanes } = packing;
  const sizes = filterSizes(shape, kind, packing);
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  const planes = kind === "ternary" ? 2 : 1;
  const packed = new Int32Array(shape.groups * blocks * words * width * planes);
  const set = (index: number, channel: number): void => {
    packed[index] = (packed[index] as number) | (1 << (channel % BITS_PER_WORD));
  };
  for (let filter = 0; filter < shape.filters; filter++) {
    const [group, column] = [Math.floor(filter / perGroup), filter % perGroup];
    const block = group * blocks + Math.floor(column / width);
    const lane = column % width;
    for (let tap = 0; tap < taps; tap++)
      for (let channel = 0; channel < own; channel++) {
        const number = numbers[(filter * taps + tap) * own + channel] as number;
        const word = tap * tapWords + Math.floor(channel / BITS_PER_WORD);
        if (kind === "signs") {
          if (number < 0) set((block * words + word) * width + lane, channel);
          continue;
        }
        const vector = (block * (width / lanes) + Math.floor(lane / lanes)) * words + word;
        const at = vector * 2 * lanes + (lane % lanes);
        if (number !== 0) set(at, channel);
        if (number < 0) set(at + lanes, channel);
      }
  }
  return packed;
};
