// Convolutions with one filter per channel, 8 channels at a time. Weights are [taps, channels]: shorts for codes, or floats. Where sums
// become codes in integers, weights are in columns (columns.ts).
import { GROUP_BYTES, sumWindows } from "./columns";
import { Conv, Kernel } from "./conv";
import { finishRows, Requantization, requantizeWindows } from "./tail";

// @ts-expect-error: the product of bytes is in a module of its own.
@external("relaxed", "sumByteWindows")
declare function sumByteWindows(x: usize, groups: i32, taps: i32, tapBytes: usize, stepBytes: usize, w: usize, constants: usize, count: i32, sums: usize): void;

/** The addresses of the taps of a window, in scratch memory; of those in the padding, that of a row of zero codes. */
function findTaps(c: Conv, firstRow: i32, firstColumn: i32): void {
  const outside = c.rows + 4 * <usize>(c.kernelHeight * c.kernelWidth);
  let to = c.rows;
  for (let ky: i32 = 0; ky < c.kernelHeight; ky++) {
    const row = firstRow + ky * c.dilationRows;
    const isInside = row >= 0 && row < c.height;
    for (let kx: i32 = 0; kx < c.kernelWidth; kx++, to += 4) {
      const column = firstColumn + kx * c.dilationColumns;
      const has = isInside && column >= 0 && column < c.width;
      store<usize>(to, has ? c.input + (row * c.width + column) * c.channels : outside);
    }
  }
}

/** 8 codes without their zero. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function codesAt(tap: usize, channel: i32, zero: v128): v128 {
  return i16x8.sub(v128.load8x8_u(load<usize>(tap) + channel), zero);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function mixedLow(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function mixedHigh(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

/** Sums of the windows of one output position: codes times weights of 16 bits, two taps at a time. */
function sumCodes(c: Conv, firstRow: i32, firstColumn: i32): void {
  findTaps(c, firstRow, firstColumn);
  const zero = i16x8.splat(<i16>c.zero);
  const taps = c.kernelHeight * c.kernelWidth;
  const step = (<usize>c.tapWords) << 1;
  for (let channel: i32 = 0; channel < c.channels; channel += 8) {
    let low = i32x4.splat(0), high = low;
    let w = c.weights + 2 * <usize>channel;
    let tap = c.rows;
    for (let left = taps; left > 1; left -= 2, tap += 8, w += 2 * step) {
      const x = codesAt(tap, channel, zero);
      const y = codesAt(tap + 4, channel, zero);
      const v = v128.load(w);
      const u = v128.load(w + step);
      low = i32x4.add(low, i32x4.dot_i16x8_s(mixedLow(x, y), mixedLow(v, u)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(mixedHigh(x, y), mixedHigh(v, u)));
    }
    if (taps & 1) {
      const none = i16x8.splat(0);
      const x = codesAt(tap, channel, zero);
      const v = v128.load(w);
      low = i32x4.add(low, i32x4.dot_i16x8_s(mixedLow(x, none), mixedLow(v, none)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(mixedHigh(x, none), mixedHigh(v, none)));
    }
    v128.store(c.sums + 4 * <usize>channel, low);
    v128.store(c.sums + 4 * <usize>channel, high, 16);
  }
}

/** The same with floats, whose products are added in the order of the taps. */
function sumFloats(c: Conv, firstRow: i32, firstColumn: i32): void {
  for (let channel: i32 = 0; channel < c.channels; channel += 4) {
    let sum = f32x4.splat(0);
    let w = c.weights + 4 * <usize>channel;
    for (let ky: i32 = 0; ky < c.kernelHeight; ky++) {
      const row = firstRow + ky * c.dilationRows;
      const isInside = row >= 0 && row < c.height;
      for (let kx: i32 = 0; kx < c.kernelWidth; kx++, w += 4 * <usize>c.tapWords) {
        const column = firstColumn + kx * c.dilationColumns;
        if (!isInside || column < 0 || column >= c.width) continue;
        const x = v128.load(c.input + 4 * <usize>((row * c.width + column) * c.channels + channel));
        sum = f32x4.add(sum, f32x4.mul(x, v128.load(w)));
      }
    }
    v128.store(c.sums + 4 * <usize>channel, sum);
  }
}

/** Rows of a group of a column. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function rowsOfGroup<T>(): i32 {
  return 4 / sizeof<T>();
}

/** Where a row of zero codes starts in scratch memory: after the addresses of the rows of a window. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function outsideOf<T>(c: Conv): usize {
  return c.rows + 4 * <usize>(c.words * rowsOfGroup<T>());
}

/** Where columns start in scratch memory. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function columnsOf<T>(c: Conv): usize {
  return (outsideOf<T>(c) + c.channels + 8 + 31) & ~31;
}

/** The addresses of the rows of a window, in scratch memory; of those outside, that of the row of zero codes. */
function findRows<T>(c: Conv, firstRow: i32): void {
  const outside = outsideOf<T>(c);
  for (let ky: i32 = 0; ky < c.words * rowsOfGroup<T>(); ky++) {
    const row = firstRow + ky * c.dilationRows;
    const isInside = ky < c.kernelHeight && row >= 0 && row < c.height;
    store<usize>(c.rows + 4 * <usize>ky, isInside ? c.input + row * c.width * c.channels : outside);
  }
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function mixedBytes(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Columns without codes. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function fillOutside(to: usize, end: usize, step: usize, zeros: v128): usize {
  for (; to < end; to += step) {
    v128.store(to, zeros);
    v128.store(to, zeros, 16);
  }
  return to;
}

/** Mixes the rows of `count` columns from `first` on, of 8 channels from `channel` on. */
function mixColumns<T>(c: Conv, channel: i32, first: i32, count: i32): void {
  const outside = outsideOf<T>(c);
  const step = <usize>(c.words * GROUP_BYTES);
  const zeros = sizeof<T>() == 1 ? i8x16.splat(<i8>c.zero) : i16x8.splat(<i16>c.zero);
  const begin = min(max(first, 0), c.width);
  const before = <usize>max(min(begin - first, count), 0);
  const inside = <usize>max(min(first + count, c.width) - begin, 0);
  for (let group: i32 = 0; group < c.words; group++) {
    const start = columnsOf<T>(c) + <usize>(group * GROUP_BYTES);
    let to = fillOutside(start, start + before * step, step, zeros);
    const rows = c.rows + 4 * <usize>(group * rowsOfGroup<T>());
    const own = <usize>(begin * c.channels);
    let p = load<usize>(rows), q = load<usize>(rows, 4);
    const pStep = p == outside ? <usize>0 : <usize>c.channels;
    const qStep = q == outside ? <usize>0 : <usize>c.channels;
    p += <usize>channel + (pStep ? own : <usize>0);
    q += <usize>channel + (qStep ? own : <usize>0);
    const end = to + inside * step;
    if (sizeof<T>() == 2) {
      for (; to < end; to += step, p += pStep, q += qStep) {
        const x = v128.load8x8_u(p);
        const y = v128.load8x8_u(q);
        v128.store(to, mixedLow(x, y));
        v128.store(to, mixedHigh(x, y), 16);
      }
    } else {
      let r = load<usize>(rows, 8), s = load<usize>(rows, 12);
      const rStep = r == outside ? <usize>0 : <usize>c.channels;
      const sStep = s == outside ? <usize>0 : <usize>c.channels;
      r += <usize>channel + (rStep ? own : <usize>0);
      s += <usize>channel + (sStep ? own : <usize>0);
      for (; to < end; to += step, p += pStep, q += qStep, r += rStep, s += sStep) {
        const x = mixedBytes(v128.load64_zero(p), v128.load64_zero(q));
        const y = mixedBytes(v128.load64_zero(r), v128.load64_zero(s));
        v128.store(to, mixedLow(x, y));
        v128.store(to, mixedHigh(x, y), 16);
      }
    }
    fillOutside(to, start + (<usize>count) * step, step, zeros);
  }
}

/** Computes `count` output positions from `begin` on, with weights in columns: [blocks of 8 channels, kernel width, groups of rows]. */
function convolveColumns<T>(c: Conv, begin: i32, count: i32): void {
  const t = c.tail;
  const r = changetype<Requantization>(t.requantization);
  const end = begin + count;
  const columnBytes = <usize>(c.words * GROUP_BYTES);
  const tapBytes = columnBytes * c.dilationColumns;
  const stepBytes = columnBytes * c.strideColumns;
  const blockBytes = columnBytes * c.kernelWidth;
  memory.fill(outsideOf<T>(c), <u8>c.zero, c.channels + 8);
  while (begin < end) {
    const row = begin / c.outWidth;
    const column = begin - row * c.outWidth;
    const some = min(min(c.blockRows, c.outWidth - column), end - begin);
    findRows<T>(c, row * c.strideRows - c.top);
    const columns = (some - 1) * c.strideColumns + (c.kernelWidth - 1) * c.dilationColumns + 1;
    const x = columnsOf<T>(c);
    let w = c.weights;
    for (let channel: i32 = 0; channel < c.channels; channel += 8, w += blockBytes) {
      mixColumns<T>(c, channel, column * c.strideColumns - c.left, columns);
      const constants = t.constant + ((<usize>channel) << 2);
      if (sizeof<T>() == 1)
        sumByteWindows(x, c.words, c.kernelWidth, tapBytes, stepBytes, w, constants, some, c.sums);
      else sumWindows<i16>(x, c.words, c.kernelWidth, tapBytes, stepBytes, w, constants, some, c.sums);
      const to = c.output + <usize>(begin * c.channels + channel);
      requantizeWindows(r, c.sums, some, channel, min(8, c.channels - channel), to, c.channels);
    }
    begin += some;
  }
}

/** Computes `count` output positions from `begin` on. `tapWords` are the weights of a tap; sums have room for them. */
export function convolveDepthwise(c: Conv, begin: i32, count: i32): void {
  if (c.words) {
    if (c.kernel == Kernel.bytes) convolveColumns<i8>(c, begin, count);
    else convolveColumns<i16>(c, begin, count);
    return;
  }
  const t = c.tail;
  const end = begin + count;
  if (c.kernel != Kernel.floats)
    memory.fill(c.rows + 4 * <usize>(c.kernelHeight * c.kernelWidth), <u8>c.zero, c.channels + 8);
  const outBytes = (<usize>c.filters) * (t.isCodes ? 1 : 4);
  for (let at = begin; at < end; at++) {
    const firstRow = (at / c.outWidth) * c.strideRows - c.top;
    const firstColumn = (at % c.outWidth) * c.strideColumns - c.left;
    if (c.kernel == Kernel.floats) sumFloats(c, firstRow, firstColumn);
    else sumCodes(c, firstRow, firstColumn);
    finishRows(t, c.sums, 1, 1, c.channels, c.tapWords, c.output + (<usize>at) * outBytes);
  }
}
