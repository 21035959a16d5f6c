// Convolutions as products of rows and filters. A row is the window of one output position, gathered in scratch memory; 1x1
// convolutions read the input in place.
import { multiplyRowsToCodes } from "./code-tiles";
import { multiplySignRows, packSigns, Standard } from "./sign-tiles";
import { Act, finishRows, Requantization, Tail } from "./tail";
import { multiplyRows } from "./tiles";

// @ts-expect-error: the product of bytes is in a module of its own.
@external("relaxed", "multiplyBytes")
declare function multiplyBytes(x: usize, rows: i32, rowBytes: usize, words: i32, w: usize, blocks: i32, sums: usize, sumBytes: usize, run: i32): void;

// @ts-expect-error: so is that with codes as results.
@external("relaxed", "multiplyToCodes")
declare function multiplyToCodes(x: usize, rows: i32, rowBytes: usize, words: i32, w: usize, blocks: i32, t: Tail, sums: usize, to: usize): void;

// @ts-expect-error: and the faster look-ups.
@external("relaxed", "multiplySigns")
declare function multiplySigns(x: usize, rows: i32, bytes: i32, w: usize, filters: i32, sums: usize, sumBytes: usize, zeros: i32): void;

export const enum Kernel {
  floats,
  /** Codes and weights of 16 bits. */
  shorts,
  /** Codes and weights of a byte. */
  bytes,
  /** Signs and zeros times signs. */
  signs,
  /** Signs and zeros times signs and zeros. */
  ternary,
}

@unmanaged
export class Conv {
  input: usize;
  output: usize;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  filters: i32;
  groups: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideRows: i32;
  strideColumns: i32;
  top: i32;
  left: i32;
  dilationRows: i32;
  dilationColumns: i32;
  kernel: Kernel;
  weights: usize;
  /** From the filters of one group to those of the next. */
  groupBytes: usize;
  /** Words of a tap, and of a row, in one group, or bytes of signs; of a depthwise convolution in columns, its groups of rows, otherwise 0. */
  tapWords: i32;
  words: i32;
  /** Blocks of 8 filters in one group, of signs an even number. */
  blocks: i32;
  /** The code in the padding. */
  zero: i32;
  /** Whether rows are the input's positions. */
  isDirect: i32;
  /** Rows, or in columns windows, that are computed together. */
  blockRows: i32;
  /** [blockRows, words] of one group. */
  rows: usize;
  /** [blockRows, groups, 8 blocks] */
  sums: usize;
  /** Signs: [height, width, groups, tapWords] bytes of 4 channels. */
  signs: usize;
  tail: Tail;
  /** Words whose products fit into 16 bits; 0 where single ones may not. */
  run: i32;
  /** Whether the taps of a row of the window are adjacent in the input, too. */
  isDense: i32;
  /** Whether the input's codes have two bytes. */
  hasShorts: i32;
  /** Whether the engine has relaxed SIMD. */
  isRelaxed: i32;
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function copyBytes(to: usize, from: usize, count: i32): void {
  let at: i32 = 0;
  for (; at + 16 <= count; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at + 4 <= count; at += 4) store<i32>(to + at, load<i32>(from + at));
  for (; at < count; at++) store<u8>(to + at, load<u8>(from + at));
}

/** Codes of a byte as numbers of 16 bits. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function widenBytes(to: usize, from: usize, count: i32): void {
  let at: i32 = 0;
  for (; at + 8 <= count; at += 8) v128.store(to + 2 * <usize>at, v128.load8x8_u(from + at));
  for (; at < count; at++) store<u16>(to + 2 * <usize>at, load<u8>(from + at));
}

/** Up to 4 codes as numbers of 16 bits, in one word or two. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function widenWord(to: usize, from: usize, words: i32): void {
  const wide = i16x8.extend_low_i8x16_u(v128.load32_zero(from));
  if (words == 1) v128.store32_lane(to, wide, 0);
  else v128.store64_lane(to, wide, 0);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function fillWords(to: usize, words: i32, value: i32): void {
  for (let word: i32 = 0; word < words; word++) store<i32>(to + 4 * <usize>word, value);
}

/** The channels of a group at one position -> one tap of a row. */
function gatherTap(c: Conv, position: i32, group: i32, to: usize): void {
  const own = c.channels / c.groups;
  const from = position * c.channels + group * own;
  switch (c.kernel) {
    case Kernel.floats:
      copyBytes(to, c.input + 4 * <usize>from, 4 * own);
      return;
    case Kernel.shorts:
      if (c.hasShorts) copyBytes(to, c.input + 2 * <usize>from, 2 * own);
      else if (own <= 4) widenWord(to, c.input + from, c.tapWords);
      else widenBytes(to, c.input + from, own);
      return;
    case Kernel.bytes:
      // The codes of the next position, whose weights are 0, fill the word.
      if (own <= 4) store<i32>(to, load<i32>(c.input + from));
      else copyBytes(to, c.input + from, own);
      return;
    default:
      copyBytes(to, c.signs + <usize>((position * c.groups + group) * c.tapWords), c.tapWords);
  }
}

/** Adjacent taps of a row of the window, all inside the maps, of a convolution whose taps fill their words. */
function gatherTaps(c: Conv, position: i32, taps: i32, to: usize): void {
  const count = taps * c.channels;
  switch (c.kernel) {
    case Kernel.floats:
      copyBytes(to, c.input + 4 * <usize>(position * c.channels), 4 * count);
      return;
    case Kernel.shorts:
      if (c.hasShorts) copyBytes(to, c.input + 2 * <usize>(position * c.channels), 2 * count);
      else widenBytes(to, c.input + position * c.channels, count);
      return;
    case Kernel.bytes:
      copyBytes(to, c.input + position * c.channels, count);
      return;
    default:
      copyBytes(to, c.signs + <usize>(position * c.tapWords), c.tapWords * taps);
  }
}

/** Adjacent taps of up to 4 codes of a byte, each in words of its own, which the codes of the next position fill; their weights are 0. */
function gatherWords(c: Conv, position: i32, taps: i32, to: usize): void {
  let from = c.input + position * c.channels;
  const end = from + (<usize>taps) * c.channels;
  if (c.kernel == Kernel.bytes) for (; from < end; to += 4, from += c.channels) store<i32>(to, load<i32>(from));
  else for (; from < end; to += (<usize>c.tapWords) << 2, from += c.channels) widenWord(to, from, c.tapWords);
}

/** A tap in the padding. */
function gatherPadding(c: Conv, to: usize, tapBytes: usize): void {
  if (c.kernel >= Kernel.signs) {
    for (const end = to + tapBytes; to < end; to++) store<u8>(to, 0);
    return;
  }
  let word: i32 = 0;
  if (c.kernel == Kernel.bytes) word = c.zero * 0x01010101;
  else if (c.kernel == Kernel.shorts) word = c.zero * 0x00010001;
  fillWords(to, <i32>(tapBytes >> 2), word);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function tapBytesOf(c: Conv): usize {
  return (<usize>c.tapWords) << (c.kernel >= Kernel.signs ? 0 : 2);
}

/** Whether taps have up to 4 codes of a byte. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function hasFewCodes(c: Conv): bool {
  if (c.kernel == Kernel.bytes) return c.tapWords == 1;
  return c.kernel == Kernel.shorts && c.tapWords <= 2 && !c.hasShorts;
}

/** The window of an output position in one group -> a row. */
function gatherRow(c: Conv, at: i32, group: i32, to: usize): void {
  const tapBytes = tapBytesOf(c);
  const firstRow = (at / c.outWidth) * c.strideRows - c.top;
  const firstColumn = (at % c.outWidth) * c.strideColumns - c.left;
  const hasWords = hasFewCodes(c) && c.groups == 1 && c.dilationColumns == 1;
  const isInColumns = firstColumn >= 0 && firstColumn + c.kernelWidth <= c.width;
  for (let ky: i32 = 0; ky < c.kernelHeight; ky++) {
    const row = firstRow + ky * c.dilationRows;
    const isInside = row >= 0 && row < c.height;
    if ((c.isDense || hasWords) && isInside && isInColumns) {
      const position = row * c.width + firstColumn;
      if (hasWords) gatherWords(c, position, c.kernelWidth, to);
      else gatherTaps(c, position, c.kernelWidth, to);
      to += (<usize>c.kernelWidth) * tapBytes;
      continue;
    }
    for (let kx: i32 = 0; kx < c.kernelWidth; kx++, to += tapBytes) {
      const column = firstColumn + kx * c.dilationColumns;
      if (isInside && column >= 0 && column < c.width) gatherTap(c, row * c.width + column, group, to);
      else gatherPadding(c, to, tapBytes);
    }
  }
}

function multiplySignsOf(c: Conv, x: usize, rows: i32, w: usize, sums: usize, sumBytes: usize): void {
  const zeros = c.kernel == Kernel.ternary ? 1 : 0;
  const filters = 8 * c.blocks;
  if (c.isRelaxed) multiplySigns(x, rows, c.words, w, filters, sums, sumBytes, zeros);
  else multiplySignRows<Standard>(x, rows, c.words, w, filters, sums, sumBytes, zeros);
}

function multiply(c: Conv, x: usize, rows: i32, rowBytes: usize, group: i32, sums: usize, sumBytes: usize): void {
  const w = c.weights + (<usize>group) * c.groupBytes;
  switch (c.kernel) {
    case Kernel.floats:
      multiplyRows<f32>(x, rows, rowBytes, c.words, w, c.blocks, sums, sumBytes);
      return;
    case Kernel.shorts:
      multiplyRows<i16>(x, rows, rowBytes, c.words, w, c.blocks, sums, sumBytes);
      return;
    case Kernel.bytes:
      multiplyBytes(x, rows, rowBytes, c.words, w, c.blocks, sums, sumBytes, c.run);
      return;
    default:
      multiplySignsOf(c, x, rows, w, sums, sumBytes);
  }
}

/** Where the rows from output position `at` on start, if the input has them in place. */
function placeOf(c: Conv, at: i32): usize {
  if (c.kernel >= Kernel.signs) return c.signs + <usize>(at * c.words);
  return c.input + (<usize>(at * c.words) << 2);
}

/** Whether sums become codes in the registers in which they are added. */
function yieldsCodes(c: Conv): bool {
  const t = c.tail;
  const isExact = c.kernel == Kernel.shorts || (c.kernel == Kernel.bytes && !c.run);
  if (!isExact || c.groups > 1 || c.filters % 8) return false;
  return t.act == Act.requantize && t.sums == 1 && changetype<Requantization>(t.requantization).rough != 0;
}

/** Computes `count` output positions from `begin` on. */
export function convolve(c: Conv, begin: i32, count: i32): void {
  const t = c.tail;
  const isFused = yieldsCodes(c);
  const end = begin + count;
  const sumBytes = (<usize>(c.groups * c.blocks)) << 5;
  const rowBytes = tapBytesOf(c) * <usize>(c.kernelHeight * c.kernelWidth);
  const perGroup = c.filters / c.groups;
  const outBytes = (<usize>c.filters) * (t.isCodes ? 1 : 4);
  for (let at = begin; at < end; at += c.blockRows) {
    const rows = min(c.blockRows, end - at);
    const to = c.output + (<usize>at) * outBytes;
    for (let group: i32 = 0; group < c.groups; group++) {
      let x = c.rows;
      if (c.isDirect) x = placeOf(c, at);
      else
        for (let row: i32 = 0; row < rows; row++)
          gatherRow(c, at + row, group, c.rows + (<usize>row) * rowBytes);
      if (!isFused) multiply(c, x, rows, rowBytes, group, c.sums + ((<usize>(group * c.blocks)) << 5), sumBytes);
      else if (c.kernel == Kernel.bytes) multiplyToCodes(x, rows, rowBytes, c.words, c.weights, c.blocks, t, c.sums, to);
      else multiplyRowsToCodes<i16>(x, rows, rowBytes, c.words, c.weights, c.blocks, t, c.sums, to);
    }
    if (!isFused) finishRows(t, c.sums, rows, c.groups, perGroup, 8 * c.blocks, to);
  }
}

/** Packs `count` positions of the input of a convolution of signs, from `begin` on. */
export function packInput(c: Conv, begin: i32, count: i32): void {
  const packed = c.signs + <usize>(begin * c.groups * c.tapWords);
  packSigns(c.input + begin * c.channels, count, c.channels, c.groups, c.zero, packed);
}
