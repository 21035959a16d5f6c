// Convolutions with one filter per channel, 8 channels at a time. Weights are [taps, channels]: shorts for codes, or floats.
import { Conv, Kernel } from "./conv";
import { finishRows } from "./tail";

/** Sums of the windows of one output position: codes times weights of 16 bits. */
function sumCodes(c: Conv, firstRow: i32, firstColumn: i32): void {
  const zero = i16x8.splat(<i16>c.zero);
  for (let channel: i32 = 0; channel < c.channels; channel += 8) {
    let low = i32x4.splat(0), high = low;
    let w = c.weights + 2 * <usize>channel;
    for (let ky: i32 = 0; ky < c.kernelHeight; ky++) {
      const row = firstRow + ky * c.dilationRows;
      const isInside = row >= 0 && row < c.height;
      for (let kx: i32 = 0; kx < c.kernelWidth; kx++, w += 2 * <usize>c.tapWords) {
        const column = firstColumn + kx * c.dilationColumns;
        if (!isInside || column < 0 || column >= c.width) continue;
        const codes = v128.load8x8_u(c.input + (row * c.width + column) * c.channels + channel);
        const x = i16x8.sub(codes, zero);
        const weights = v128.load(w);
        low = i32x4.add(low, i32x4.extmul_low_i16x8_s(x, weights));
        high = i32x4.add(high, i32x4.extmul_high_i16x8_s(x, weights));
      }
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

/** Computes output positions `begin` to `end`. `tapWords` are the weights of a tap; sums have room for them. */
export function convolveDepthwise(c: Conv, begin: i32, end: i32): void {
  const t = c.tail;
  const outBytes = (<usize>c.filters) * (t.isCodes ? 1 : 4);
  for (let at = begin; at < end; at++) {
    const firstRow = (at / c.outWidth) * c.strideRows - c.top;
    const firstColumn = (at % c.outWidth) * c.strideColumns - c.left;
    if (c.kernel == Kernel.floats) sumFloats(c, firstRow, firstColumn);
    else sumCodes(c, firstRow, firstColumn);
    finishRows(t, c.sums, 1, 1, c.channels, c.tapWords, c.output + (<usize>at) * outBytes);
  }
}
