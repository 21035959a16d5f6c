import type { ConvShape, FloatWeights, IntegerWeights } from "../plan/plan.js";
import type { FilterLayout } from "./kernel-target.js";

const BITS_PER_WORD = 32;
/** Codes or weights of a word of 4 bytes. */
const PER_WORD = { floats: 1, shorts: 2, bytes: 4 } as const;

export type DenseKernel = keyof typeof PER_WORD;
export type BitKernel = "signs" | "ternary";

/** Channels of a byte of signs, and filters of a block (wasm/assembly/sign-tiles.ts). */
const SIGNS_PER_BYTE = 4;
export const LOOKED_UP_BLOCK = 16;

/** The sizes of packed filters. Signs that are looked up have bytes where others have words. */
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
  /** Whether filters of signs are indices of tables. */
  readonly areLookedUp: boolean;
}

/** The sizes of the packed filters of a convolution. */
export const filterSizes = (
  { channels, filters, groups, kernel }: ConvShape,
  kind: DenseKernel | BitKernel,
  { block, extra, areLookedUp }: Packing,
): FilterSizes => {
  const [own, perGroup, taps] = [channels / groups, filters / groups, kernel[0] * kernel[1]];
  const signsPerWord = areLookedUp ? SIGNS_PER_BYTE : BITS_PER_WORD;
  const perWord = kind === "signs" || kind === "ternary" ? signsPerWord : PER_WORD[kind];
  const tapWords = Math.ceil(own / perWord);
  const blocks = Math.ceil((perGroup + extra) / block);
  return { own, perGroup, taps, tapWords, words: taps * tapWords, blocks };
};

type Numbers = Int8Array | Int16Array | Int32Array | Float32Array;

interface Packed {
  readonly sizes: FilterSizes;
  /** Numbers of a word. */
  readonly perWord: number;
  /** Filters of a block. */
  readonly width: number;
}

/**
 * Copies filters [filters, taps, channels of a group] in blocks: [groups, blocks, words, filters of a block, per word]. Columns after
 * the filters stay as they are.
 */
const packDense = (
  numbers: Numbers,
  packed: Numbers,
  groups: number,
  { sizes, perWord, width }: Packed,
): void => {
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  const toWord = width * perWord;
  let from = 0;
  for (let group = 0; group < groups; group++)
    for (let column = 0; column < perGroup; column++) {
      const block = group * blocks + Math.floor(column / width);
      for (let tap = 0; tap < taps; tap++) {
        let to = ((block * words + tap * tapWords) * width + (column % width)) * perWord;
        for (let channel = 0; channel < own; channel += perWord, to += toWord) {
          const some = Math.min(perWord, own - channel);
          for (let at = 0; at < some; at++) packed[to + at] = numbers[from++] as number;
        }
      }
    }
};

/** Writes a filter of ones after those of every group. */
const packOnes = (packed: Numbers, groups: number, { sizes, perWord, width }: Packed): void => {
  const { own, perGroup, taps, tapWords, words, blocks } = sizes;
  for (let group = 0; group < groups; group++) {
    const block = group * blocks + Math.floor(perGroup / width);
    for (let tap = 0; tap < taps; tap++)
      for (let channel = 0; channel < own; channel++) {
        const word = block * words + tap * tapWords + Math.floor(channel / perWord);
        packed[(word * width + (perGroup % width)) * perWord + (channel % perWord)] = 1;
      }
  }
};

const lengthOf = ({ groups }: ConvShape, { blocks, words }: FilterSizes, width: number): number =>
  groups * blocks * words * width;

/** The words of an array whose filters fill them at every tap; null if they do not. */
const wordsOf = ({ buffer, byteOffset, byteLength }: Int8Array, own: number): Int32Array | null =>
  own % PER_WORD.bytes === 0 && byteOffset % 4 === 0
    ? new Int32Array(buffer, byteOffset, byteLength / 4)
    : null;

/** The packed filters of integers in bytes or shorts, with `extra` columns of ones. Shorts hold the whole weights. */
export const packIntegers = (
  shape: ConvShape,
  { numbers, areHalved }: IntegerWeights,
  kind: "bytes" | "shorts",
  { block: width, extra, ...packing }: Packing,
): Int8Array | Int16Array => {
  const { groups } = shape;
  const sizes = filterSizes(shape, kind, { ...packing, block: width, extra });
  const perWord = PER_WORD[kind];
  const length = lengthOf(shape, sizes, width * perWord);
  if (kind === "shorts") {
    const packed = new Int16Array(length);
    const whole = new Int16Array(numbers);
    if (areHalved)
      for (let at = 0; at < whole.length; at++) whole[at] = 2 * (whole[at] as number) + 1;
    packDense(whole, packed, groups, { sizes, perWord, width });
    return packed;
  }
  const packed = new Int8Array(length);
  const [from, to] = [wordsOf(numbers, sizes.own), wordsOf(packed, sizes.own)];
  if (from && to) {
    const own = sizes.own / perWord;
    packDense(from, to, groups, { sizes: { ...sizes, own }, perWord: 1, width });
  } else packDense(numbers, packed, groups, { sizes, perWord, width });
  if (extra > 0) packOnes(packed, groups, { sizes, perWord, width });
  return packed;
};

export const packFloats = (
  shape: ConvShape,
  { numbers }: FloatWeights,
  packing: Packing,
): Float32Array => {
  const sizes = filterSizes(shape, "floats", packing);
  const packed = new Float32Array(lengthOf(shape, sizes, packing.block));
  packDense(numbers, packed, shape.groups, { sizes, perWord: 1, width: packing.block });
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
  /** The place of a word of a filter. */
  const placeOf = (block: number, word: number, lane: number): number => {
    if (kind === "signs") return (block * words + word) * width + lane;
    const vector = (block * (width / lanes) + Math.floor(lane / lanes)) * words + word;
    return vector * 2 * lanes + (lane % lanes);
  };
  let from = 0;
  for (let filter = 0; filter < shape.filters; filter++) {
    const [group, column] = [Math.floor(filter / perGroup), filter % perGroup];
    const block = group * blocks + Math.floor(column / width);
    for (let tap = 0; tap < taps; tap++)
      for (let word = 0; word < tapWords; word++) {
        const end = Math.min(BITS_PER_WORD, own - word * BITS_PER_WORD);
        let [present, negative] = [0, 0];
        for (let bit = 0; bit < end; bit++, from++) {
          const number = numbers[from] as number;
          if (number !== 0) present |= 1 << bit;
          if (number < 0) negative |= 1 << bit;
        }
        const at = placeOf(block, tap * tapWords + word, column % width);
        packed[at] = kind === "signs" ? negative : present;
        if (kind === "ternary") packed[at + lanes] = negative;
      }
  }
  return packed;
};

/** The blocks of some filters: their first filters and widths (wasm/assembly/sign-tiles.ts). */
const signBlocks = (filters: number): (readonly [first: number, width: number])[] => {
  const blocks: [number, number][] = [];
  let first = 0;
  for (const width of [64, 32, 16])
    for (; filters - first >= width; first += width) blocks.push([first, width]);
  return blocks;
};

/**
 * Filters of signs as indices of tables: [groups, blocks, bytes, filters of a block], where a number has the signs of 4 channels.
 * With zeros, every filter is the mean of two, in halves one after the other: [groups, 2, blocks, bytes, filters of a block].
 */
export const packChoices = (
  shape: ConvShape,
  { numbers }: IntegerWeights,
  kind: BitKernel,
  packing: Packing,
): Uint8Array => {
  const { own, perGroup, taps, tapWords, words, blocks } = filterSizes(shape, kind, packing);
  const halfBytes = blocks * packing.block * words;
  const groupBytes = kind === "ternary" ? 2 * halfBytes : halfBytes;
  const packed = new Uint8Array(shape.groups * groupBytes);
  const packFilter = (filter: number, at: number, width: number): void => {
    let from = filter * taps * own;
    for (let tap = 0; tap < taps; tap++) {
      let to = at + tap * tapWords * width;
      for (let channel = 0; channel < own; channel += SIGNS_PER_BYTE, to += width) {
        const end = Math.min(SIGNS_PER_BYTE, own - channel);
        let [negative, notPositive] = [0, 0];
        for (let bit = 0; bit < end; bit++, from++) {
          const number = numbers[from] as number;
          if (number < 0) negative |= 1 << bit;
          if (number <= 0) notPositive |= 1 << bit;
        }
        packed[to] = negative;
        if (kind === "ternary") packed[to + halfBytes] = notPositive;
      }
    }
  };
  for (let group = 0; group < shape.groups; group++)
    for (const [first, width] of signBlocks(blocks * packing.block))
      for (let column = first; column < Math.min(first + width, perGroup); column++)
        packFilter(
          group * perGroup + column,
          group * groupBytes + first * words + (column - first),
          width,
        );
  return packed;
};

/** How the filters of a depthwise convolution are packed in columns (wasm/assembly/columns.ts). */
export interface ColumnSizes {
  /** Rows of the kernel in a word of 4 bytes. */
  readonly perWord: number;
  /** Words for each channel and column. */
  readonly groups: number;
}

/** Channels that are computed together. */
export const COLUMN_CHANNELS = 8;

export const columnSizes = ({ kernel }: ConvShape, kind: "bytes" | "shorts"): ColumnSizes => {
  const perWord = PER_WORD[kind];
  return { perWord, groups: Math.ceil(kernel[0] / perWord) };
};

/** Filters of a depthwise convolution: [blocks of channels, columns, groups of rows, channels of a block, rows of a group]. */
export const packColumns = (
  shape: ConvShape,
  { numbers }: IntegerWeights,
  kind: "bytes" | "shorts",
): Int8Array | Int16Array => {
  const { perWord, groups } = columnSizes(shape, kind);
  const { channels } = shape;
  const [rows, columns] = shape.kernel;
  const length =
    Math.ceil(channels / COLUMN_CHANNELS) * COLUMN_CHANNELS * columns * groups * perWord;
  const packed = kind === "bytes" ? new Int8Array(length) : new Int16Array(length);
  let from = 0;
  for (let channel = 0; channel < channels; channel++) {
    const [block, lane] = [Math.floor(channel / COLUMN_CHANNELS), channel % COLUMN_CHANNELS];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, from++) {
        const group = (block * columns + column) * groups + Math.floor(row / perWord);
        const word = group * COLUMN_CHANNELS + lane;
        packed[word * perWord + (row % perWord)] = numbers[from] as number;
      }
  }
  return packed;
};
