// Products of rows and filters. A word holds 4 bytes of a row: four codes of a byte, two of 16 bits, or a float. Filters are
// packed in blocks of 8: for every word, the words of filters 0 to 3, then those of filters 4 to 7.

/** Rows of a tile, whose sums stay in registers. */
export const TILE_ROWS: i32 = 4;
/** Bytes of a block of filters for one word. */
export const BLOCK_BYTES: usize = 32;

/** Adds the products of a word of a row and a word of 4 filters. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
export function addProducts<T>(weights: v128, word: v128, sums: v128): v128 {
  if (isFloat<T>()) return f32x4.add(sums, f32x4.mul(word, weights));
  if (sizeof<T>() == 2) return i32x4.add(sums, i32x4.dot_i16x8_s(weights, word));
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, word, sums);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
export function storeSums(sums: usize, low: v128, high: v128): void {
  v128.store(sums, low);
  v128.store(sums, high, 16);
}

/** 4 rows times a block of filters. */
function multiplyTile<T>(x: usize, rowBytes: usize, words: i32, w: usize, sums: usize, sumBytes: usize): void {
  const x1 = x + rowBytes;
  const x2 = x1 + rowBytes;
  const x3 = x2 + rowBytes;
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const end = (<usize>words) << 2;
  for (let at: usize = 0; at < end; at += 4, w += BLOCK_BYTES) {
    const low = v128.load(w);
    const high = v128.load(w, 16);
    let word = v128.load32_splat(x + at);
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
  storeSums(sums, a0, a1);
  storeSums(sums + sumBytes, b0, b1);
  storeSums(sums + 2 * sumBytes, c0, c1);
  storeSums(sums + 3 * sumBytes, d0, d1);
}

/** One row times a block of filters. */
function multiplyRow<T>(x: usize, words: i32, w: usize, sums: usize): void {
  let a0 = i32x4.splat(0), a1 = a0;
  const end = (<usize>words) << 2;
  for (let at: usize = 0; at < end; at += 4, w += BLOCK_BYTES) {
    const word = v128.load32_splat(x + at);
    a0 = addProducts<T>(v128.load(w), word, a0);
    a1 = addProducts<T>(v128.load(w, 16), word, a1);
  }
  storeSums(sums, a0, a1);
}

/**
 * rows [rows, words] times filters [blocks, words, 8] -> sums [rows, 8 blocks].
 * @param rowBytes from one row to the next
 * @param sumBytes from the sums of one row to those of the next
 */
export function multiplyRows<T>(
  x: usize,
  rows: i32,
  rowBytes: usize,
  words: i32,
  w: usize,
  blocks: i32,
  sums: usize,
  sumBytes: usize,
): void {
  const blockBytes = (<usize>words) * BLOCK_BYTES;
  for (let block: i32 = 0; block < blocks; block++, w += blockBytes, sums += BLOCK_BYTES) {
    let row: i32 = 0;
    for (; row + TILE_ROWS <= rows; row += TILE_ROWS)
      multiplyTile<T>(x + (<usize>row) * rowBytes, rowBytes, words, w, sums + (<usize>row) * sumBytes, sumBytes);
    for (; row < rows; row++)
      multiplyRow<T>(x + (<usize>row) * rowBytes, words, w, sums + (<usize>row) * sumBytes);
  }
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function addTo(sums: usize, pairs: v128): void {
  v128.store(sums, i32x4.add(v128.load(sums), i32x4.extadd_pairwise_i16x8_s(pairs)));
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function dots(weights: v128, word: v128, pairs: v128): v128 {
  return i16x8.add(pairs, i16x8.relaxed_dot_i8x16_i7x16_s(weights, word));
}

/** Adds the products of `words` words, whose sums of pairs fit into 16 bits, for 4 rows and a block of filters. */
function addShortTile(x: usize, rowBytes: usize, words: i32, w: usize, sums: usize, sumBytes: usize): void {
  const x1 = x + rowBytes;
  const x2 = x1 + rowBytes;
  const x3 = x2 + rowBytes;
  let a0 = i16x8.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const end = (<usize>words) << 2;
  for (let at: usize = 0; at < end; at += 4, w += BLOCK_BYTES) {
    const low = v128.load(w);
    const high = v128.load(w, 16);
    let word = v128.load32_splat(x + at);
    a0 = dots(low, word, a0);
    a1 = dots(high, word, a1);
    word = v128.load32_splat(x1 + at);
    b0 = dots(low, word, b0);
    b1 = dots(high, word, b1);
    word = v128.load32_splat(x2 + at);
    c0 = dots(low, word, c0);
    c1 = dots(high, word, c1);
    word = v128.load32_splat(x3 + at);
    d0 = dots(low, word, d0);
    d1 = dots(high, word, d1);
  }
  addTo(sums, a0);
  addTo(sums + 16, a1);
  addTo(sums + sumBytes, b0);
  addTo(sums + sumBytes + 16, b1);
  addTo(sums + 2 * sumBytes, c0);
  addTo(sums + 2 * sumBytes + 16, c1);
  addTo(sums + 3 * sumBytes, d0);
  addTo(sums + 3 * sumBytes + 16, d1);
}

function addShortRow(x: usize, words: i32, w: usize, sums: usize): void {
  let a0 = i16x8.splat(0), a1 = a0;
  const end = (<usize>words) << 2;
  for (let at: usize = 0; at < end; at += 4, w += BLOCK_BYTES) {
    const word = v128.load32_splat(x + at);
    a0 = dots(v128.load(w), word, a0);
    a1 = dots(v128.load(w, 16), word, a1);
  }
  addTo(sums, a0);
  addTo(sums + 16, a1);
}

/**
 * See multiplyRows: bytes whose products are so small that sums of `run` pairs fit into 16 bits. Half of the multiplications
 * of the general case remain.
 */
export function multiplySmallRows(
  x: usize,
  rows: i32,
  rowBytes: usize,
  words: i32,
  w: usize,
  blocks: i32,
  sums: usize,
  sumBytes: usize,
  run: i32,
): void {
  const blockBytes = (<usize>words) * BLOCK_BYTES;
  const zero = i32x4.splat(0);
  for (let block: i32 = 0; block < blocks; block++, w += blockBytes, sums += BLOCK_BYTES) {
    for (let row: i32 = 0; row < rows; row++) storeSums(sums + (<usize>row) * sumBytes, zero, zero);
    let row: i32 = 0;
    for (; row + TILE_ROWS <= rows; row += TILE_ROWS) {
      const from = x + (<usize>row) * rowBytes;
      const to = sums + (<usize>row) * sumBytes;
      for (let word: i32 = 0; word < words; word += run)
        addShortTile(from + 4 * <usize>word, rowBytes, min(run, words - word), w + (<usize>word) * BLOCK_BYTES, to, sumBytes);
    }
    for (; row < rows; row++) {
      const from = x + (<usize>row) * rowBytes;
      for (let word: i32 = 0; word < words; word += run)
        addShortRow(from + 4 * <usize>word, min(run, words - word), w + (<usize>word) * BLOCK_BYTES, sums + (<usize>row) * sumBytes);
    }
  }
}
