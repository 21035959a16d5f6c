// Pools, sums and conversions of stored values.
import { finishRows, Tail } from "./tail";

@unmanaged
export class Window {
  input: usize;
  output: usize;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideRows: i32;
  strideColumns: i32;
  top: i32;
  left: i32;
  /** 1 / area of every window, for means: [outHeight, outWidth] floats. */
  shares: usize;
  /** The code of 0, for sums of codes. */
  zero: i32;
}

/** 16 codes of the window at (firstRow, firstColumn): their maxima, or the sums of codes. */
function pooledCodes(p: Window, firstRow: i32, firstColumn: i32, channel: i32, isSum: bool): v128 {
  let result = i8x16.splat(0);
  const padding = i8x16.splat(<i8>p.zero);
  for (let ky: i32 = 0; ky < p.kernelHeight; ky++) {
    const row = firstRow + ky;
    for (let kx: i32 = 0; kx < p.kernelWidth; kx++) {
      const column = firstColumn + kx;
      if (row < 0 || row >= p.height || column < 0 || column >= p.width) {
        if (isSum) result = i8x16.add(result, padding);
        continue;
      }
      const x = v128.load(p.input + (row * p.width + column) * p.channels + channel);
      result = isSum ? i8x16.add(result, x) : i8x16.max_u(result, x);
    }
  }
  return result;
}

/**
 * Maxima or sums of codes, at `count` output positions from `begin` on; the vectors of a position may reach into the next one,
 * which is written later.
 */
export function poolCodes(p: Window, isSum: bool, begin: i32, count: i32): void {
  let to = p.output + begin * p.channels;
  for (let at = begin; at < begin + count; at++, to += p.channels) {
    const firstRow = (at / p.outWidth) * p.strideRows - p.top;
    const firstColumn = (at % p.outWidth) * p.strideColumns - p.left;
    for (let channel: i32 = 0; channel < p.channels; channel += 16)
      v128.store(to + channel, pooledCodes(p, firstRow, firstColumn, channel, isSum));
  }
}

/** Sums of codes, in two bytes each, at `count` output positions from `begin` on. */
export function sumShorts(p: Window, begin: i32, count: i32): void {
  const padding = i16x8.splat(<i16>p.zero);
  let to = p.output + 2 * <usize>(begin * p.channels);
  for (let at = begin; at < begin + count; at++, to += 2 * <usize>p.channels) {
    const firstRow = (at / p.outWidth) * p.strideRows - p.top;
    const firstColumn = (at % p.outWidth) * p.strideColumns - p.left;
    for (let channel: i32 = 0; channel < p.channels; channel += 8) {
      let result = i16x8.splat(0);
      for (let ky: i32 = 0; ky < p.kernelHeight; ky++) {
        const row = firstRow + ky;
        for (let kx: i32 = 0; kx < p.kernelWidth; kx++) {
          const column = firstColumn + kx;
          const isInside = row >= 0 && row < p.height && column >= 0 && column < p.width;
          const codes = isInside ? v128.load8x8_u(p.input + (row * p.width + column) * p.channels + channel) : padding;
          result = i16x8.add(result, codes);
        }
      }
      v128.store(to + 2 * <usize>channel, result);
    }
  }
}

/** Maxima or means of floats, at `count` output positions from `begin` on. */
export function poolFloats(p: Window, begin: i32, count: i32): void {
  const lowest = p.shares ? f32x4.splat(0) : f32x4.splat(-f32.MAX_VALUE * 2);
  let to = p.output + 4 * <usize>(begin * p.channels);
  for (let at = begin; at < begin + count; at++, to += 4 * <usize>p.channels) {
    const firstRow = (at / p.outWidth) * p.strideRows - p.top;
    const firstColumn = (at % p.outWidth) * p.strideColumns - p.left;
    const share = p.shares ? v128.load32_splat(p.shares + 4 * <usize>at) : lowest;
    for (let channel: i32 = 0; channel < p.channels; channel += 4) {
      let result = lowest;
      for (let ky: i32 = 0; ky < p.kernelHeight; ky++) {
        const row = firstRow + ky;
        if (row < 0 || row >= p.height) continue;
        for (let kx: i32 = 0; kx < p.kernelWidth; kx++) {
          const column = firstColumn + kx;
          if (column < 0 || column >= p.width) continue;
          const x = v128.load(p.input + 4 * <usize>((row * p.width + column) * p.channels + channel));
          result = p.shares ? f32x4.add(result, f32x4.mul(x, share)) : f32x4.max(result, x);
        }
      }
      v128.store(to + 4 * <usize>channel, result);
    }
  }
}

/** Sums of two values. */
export function addFloats(one: usize, other: usize, to: usize, count: i32): void {
  const end = (<usize>count) << 2;
  for (let at: usize = 0; at < end; at += 16)
    v128.store(to + at, f32x4.add(v128.load(one + at), v128.load(other + at)));
}

/** Codes as the floats of a table of 256. */
export function lookUp(from: usize, table: usize, to: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count; at++)
    store<i32>(to + 4 * at, load<i32>(table + 4 * <usize>load<u8>(from + at)));
}

/** 4 floats as codes in lanes of 32 bits; NaN becomes the least one. @param offset of the bits of a rounded float to its code */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function quantized(from: usize, inverse: v128, least: v128, most: v128, magic: v128, offset: v128): v128 {
  const scaled = f32x4.pmin(most, f32x4.pmax(least, f32x4.mul(v128.load(from), inverse)));
  return i32x4.sub(i32x4.add(f32x4.add(scaled, magic), offset), magic);
}

/**
 * Floats as codes: [1 / scale, zero, largest code] as floats. Limits are whole numbers, so they may apply before rounding, which
 * leaves numbers so small that the sum with 1.5 2^23 rounds them, halves to even.
 */
export function quantizeValues(grid: usize, from: usize, to: usize, count: i32): void {
  const zero = load<f32>(grid, 4);
  const inverse = v128.load32_splat(grid);
  const least = f32x4.splat(-zero);
  const most = f32x4.splat(load<f32>(grid, 8) - zero);
  const magic = v128.load32_splat(grid + 12);
  const offset = i32x4.splat(<i32>zero);
  // The last codes may reach beyond the value, where nothing is.
  for (const end = to + count; to < end; to += 16, from += 64) {
    const low = i16x8.narrow_i32x4_s(
      quantized(from, inverse, least, most, magic, offset),
      quantized(from + 16, inverse, least, most, magic, offset),
    );
    const high = i16x8.narrow_i32x4_s(
      quantized(from + 32, inverse, least, most, magic, offset),
      quantized(from + 48, inverse, least, most, magic, offset),
    );
    v128.store(to, i8x16.narrow_i16x8_u(low, high));
  }
}

/** Codes by a table of 256. */
export function mapCodes(from: usize, table: usize, to: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count; at++)
    store<u8>(to + at, load<u8>(table + <usize>load<u8>(from + at)));
}

/** Codes of pairs of codes, by a table of 256 x 256. */
export function joinCodes(one: usize, other: usize, table: usize, to: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count; at++) {
    const pair = ((<usize>load<u8>(one + at)) << 8) | <usize>load<u8>(other + at);
    store<u8>(to + at, load<u8>(table + pair));
  }
}

/** x where x > 0, otherwise slope x; slopes: [channels] */
export function prelu(from: usize, slopes: usize, to: usize, channels: i32, positions: i32): void {
  const zero = f32x4.splat(0);
  for (let position: i32 = 0; position < positions; position++, from += 4 * <usize>channels, to += 4 * <usize>channels)
    for (let channel: usize = 0; channel < 4 * <usize>channels; channel += 16) {
      const x = v128.load(from + channel);
      const scaled = f32x4.mul(x, v128.load(slopes + channel));
      v128.store(to + channel, v128.bitselect(x, scaled, f32x4.gt(x, zero)));
    }
}

/** Channels of positions -> channels of positions, each in rows of their own length, in bytes. */
export function copyChannels(from: usize, fromBytes: i32, to: usize, toBytes: i32, count: i32, positions: i32): void {
  for (let position: i32 = 0; position < positions; position++, from += fromBytes, to += toBytes) {
    let at: i32 = 0;
    for (; at + 16 <= count; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < count; at++) store<u8>(to + at, load<u8>(from + at));
  }
}

/** A norm, activation or quantizer of stored floats. */
export function finishValues(t: Tail, from: usize, to: usize, positions: i32): void {
  finishRows(t, from, positions, 1, t.channels, t.channels, to);
}
