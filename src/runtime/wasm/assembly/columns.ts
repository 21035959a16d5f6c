// Convolutions with one filter per channel, in integers, 8 channels at a time. A column holds the codes at one position of the
// input's width in the rows of a window, in groups of 32 bytes: a word for each channel, with 4 rows in bytes or 2 in shorts. So
// one instruction multiplies and adds all rows of a word, and neighboring windows share their columns.

/** Bytes of a group of rows of a column: 8 words. */
export const GROUP_BYTES: i32 = 32;

/** Adds the products of words of 4 channels. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function addWords<T>(weights: v128, words: v128, sums: v128): v128 {
  if (sizeof<T>() == 2) return i32x4.add(sums, i32x4.dot_i16x8_s(weights, words));
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, words, sums);
}

/**
 * The sums of `count` windows -> [count, 8], from 8 constants.
 * @param x the first column of the first window: [columns, groups of rows, 8 words]
 * @param groups of rows
 * @param tapBytes from one column of a window to the next
 * @param stepBytes from one window to the next
 * @param w [kernel width, groups of rows, 8 words]
 */
export function sumWindows<T>(
  x: usize,
  groups: i32,
  taps: i32,
  tapBytes: usize,
  stepBytes: usize,
  w: usize,
  constants: usize,
  count: i32,
  sums: usize,
): void {
  const first = v128.load(constants);
  const second = v128.load(constants, 16);
  const end = sums + <usize>(count * GROUP_BYTES);
  if (taps == 3 && groups == 1) {
    const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48), w4 = v128.load(w, 64), w5 = v128.load(w, 80);
    for (; sums < end; sums += GROUP_BYTES, x += stepBytes) {
      const y = x + tapBytes;
      const z = y + tapBytes;
      let low = addWords<T>(w0, v128.load(x), first);
      let high = addWords<T>(w1, v128.load(x, 16), second);
      low = addWords<T>(w2, v128.load(y), low);
      high = addWords<T>(w3, v128.load(y, 16), high);
      low = addWords<T>(w4, v128.load(z), low);
      high = addWords<T>(w5, v128.load(z, 16), high);
      v128.store(sums, low);
      v128.store(sums, high, 16);
    }
    return;
  }
  const columnBytes = <usize>(groups * GROUP_BYTES);
  for (; sums < end; sums += GROUP_BYTES, x += stepBytes) {
    let low = first, high = second;
    let v = w;
    for (let tap: i32 = 0, column = x; tap < taps; tap++, column += tapBytes)
      for (let at: usize = 0; at < columnBytes; at += GROUP_BYTES, v += GROUP_BYTES) {
        low = addWords<T>(v128.load(v), v128.load(column + at), low);
        high = addWords<T>(v128.load(v, 16), v128.load(column + at, 16), high);
      }
    v128.store(sums, low);
    v128.store(sums, high, 16);
  }
}
