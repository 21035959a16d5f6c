// Convolutions with one filter per channel, 8 channels at a time. Weights are [taps, channels]: shorts for codes, or floats.
import { Conv, Kernel } from "./conv";
import { finishRows } from "./tail";

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

/** Computes `count` output positions from `begin` on. `tapWords` are the weights of a tap; sums have room for them. */
export function convolveDepthwise(c: Conv, begin: i32, count: i32): void {
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
