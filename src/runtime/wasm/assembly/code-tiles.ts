// Products of rows and filters in bytes or shorts whose sums become codes while they are in registers; see tiles.ts and requantizedWords.
import { codesOf, Requantization, requantizedWords, requantizeExactly, Tail } from "./tail";
import { addProducts, BLOCK_BYTES, storeSums, TILE_ROWS } from "./tiles";

/** The low bytes of words. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function fractions(words: v128): v128 {
  return i16x8.shl(words, 8);
}

/** Computes the codes of 8 sums exactly if one of them is unclear. */
function redo(r: Requantization, words: v128, low: v128, high: v128, sums: usize, channels: usize, to: usize): void {
  if (i16x8.all_true(fractions(words))) return;
  storeSums(sums, low, high);
  requantizeExactly(r, sums, 0, channels, 8, to);
}

/**
 * rows [rows, words] times filters [blocks, words, 8] -> codes [rows, 8 blocks].
 * @param rowBytes from one row to the next
 * @param sums scratch for 8 sums
 */
export function multiplyRowsToCodes<T>(
  x: usize,
  rows: i32,
  rowBytes: usize,
  words: i32,
  w: usize,
  blocks: i32,
  t: Tail,
  sums: usize,
  to: usize,
): void {
  const r = changetype<Requantization>(t.requantization);
  const magic = f32x4.splat(r.magic);
  const offset = i32x4.splat(r.offset);
  const half = i16x8.splat(128);
  const sign = i8x16.splat(-128);
  const least = i8x16.splat(<i8>r.low);
  const most = i8x16.splat(<i8>r.high);
  const step = <usize>t.channels;
  const end = (<usize>words) << 2;
  const blockBytes = (<usize>words) * BLOCK_BYTES;
  for (let block: i32 = 0; block < blocks; block++, w += blockBytes, to += 8) {
    const channels = (<usize>block) << 5;
    const first = v128.load(t.constant + channels);
    const second = v128.load(t.constant + channels, 16);
    const scaleX = v128.load(r.rough + channels);
    const scaleY = v128.load(r.rough + channels, 16);
    let row: i32 = 0;
    let own = x;
    let out = to;
    for (; row + TILE_ROWS <= rows; row += TILE_ROWS, own += 4 * rowBytes, out += 4 * step) {
      const x1 = own + rowBytes;
      const x2 = x1 + rowBytes;
      const x3 = x2 + rowBytes;
      let a0 = first, a1 = second, b0 = first, b1 = second, c0 = first, c1 = second, d0 = first, d1 = second;
      let v = w;
      for (let at: usize = 0; at < end; at += 4, v += BLOCK_BYTES) {
        const low = v128.load(v);
        const high = v128.load(v, 16);
        let word = v128.load32_splat(own + at);
        a0 = addProducts<T>(low, word, a0);
        a1 = addProducts<T>(high, word, a1);
        word = v128.load32_splat(x1 + at);
        b0 = addProducts<T>(low, word, b0);
        b1 = addProducts<T>(high, word, b1);
        word = v128.load32_splat(x2 + at);
        c0 = addProducts<T>(low, word, c0);
        c1 = addProducts<T>(high, word, c1);
        word = v128.load32_splat(x3 + at);
        d0 = addProducts<T>(low, word, d0);
        d1 = addProducts<T>(high, word, d1);
      }
      const a = requantizedWords(a0, a1, scaleX, scaleY, magic, offset, half);
      const b = requantizedWords(b0, b1, scaleX, scaleY, magic, offset, half);
      const c = requantizedWords(c0, c1, scaleX, scaleY, magic, offset, half);
      const d = requantizedWords(d0, d1, scaleX, scaleY, magic, offset, half);
      const codes = codesOf(a, b, sign, least, most);
      v128.store64_lane(out, codes, 0);
      v128.store64_lane(out + step, codes, 1);
      const more = codesOf(c, d, sign, least, most);
      v128.store64_lane(out + 2 * step, more, 0);
      v128.store64_lane(out + 3 * step, more, 1);
      const rest = i16x8.min_u(i16x8.min_u(fractions(a), fractions(b)), i16x8.min_u(fractions(c), fractions(d)));
      if (i16x8.all_true(rest)) continue;
      redo(r, a, a0, a1, sums, channels, out);
      redo(r, b, b0, b1, sums, channels, out + step);
      redo(r, c, c0, c1, sums, channels, out + 2 * step);
      redo(r, d, d0, d1, sums, channels, out + 3 * step);
    }
    for (; row < rows; row++, own += rowBytes, out += step) {
      let a0 = first, a1 = second;
      let v = w;
      for (let at: usize = 0; at < end; at += 4, v += BLOCK_BYTES) {
        const word = v128.load32_splat(own + at);
        a0 = addProducts<T>(v128.load(v), word, a0);
        a1 = addProducts<T>(v128.load(v, 16), word, a1);
      }
      const a = requantizedWords(a0, a1, scaleX, scaleY, magic, offset, half);
      v128.store64_lane(out, codesOf(a, a, sign, least, most), 0);
      redo(r, a, a0, a1, sums, channels, out);
    }
  }
}
