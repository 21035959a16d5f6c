// Products of signs by counting bits. A word of a row is a pair of 32 bits: which channels are present (not 0), and which are
// negative. Of filters without zeros, a word of a block is [negative 0-3, negative 4-7]; of others, filters 0 to 3 come first,
// each word as [present, negative], then filters 4 to 7 (XNOR-Net, Rastegari et al. 2016, section 3.3, extended by zeros).

/** Words after which counts of bytes have to be added up: a byte counts 8 bits of each. */
const MOST_WORDS: i32 = 31;

// @ts-expect-error: a decorator of AssemblyScript
@inline
function addedUp(counts: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
}

/** The counts of channels with opposite signs, for two rows and 8 filters without zeros; sum = present - 2 count. */
function countOpposite(x: usize, y: usize, words: i32, w: usize, px: i32, py: i32, sums: usize, sumBytes: usize): void {
  let x0 = i32x4.splat(0), x1 = x0, y0 = x0, y1 = x0;
  while (words > 0) {
    const some = min(words, MOST_WORDS);
    words -= some;
    let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0;
    for (let word: i32 = 0; word < some; word++, x += 8, y += 8, w += 32) {
      const low = v128.load(w);
      const high = v128.load(w, 16);
      let present = v128.load32_splat(x);
      let negative = v128.load32_splat(x, 4);
      a0 = i8x16.add(a0, i8x16.popcnt(v128.and(present, v128.xor(negative, low))));
      a1 = i8x16.add(a1, i8x16.popcnt(v128.and(present, v128.xor(negative, high))));
      present = v128.load32_splat(y);
      negative = v128.load32_splat(y, 4);
      b0 = i8x16.add(b0, i8x16.popcnt(v128.and(present, v128.xor(negative, low))));
      b1 = i8x16.add(b1, i8x16.popcnt(v128.and(present, v128.xor(negative, high))));
    }
    x0 = i32x4.add(x0, addedUp(a0));
    x1 = i32x4.add(x1, addedUp(a1));
    y0 = i32x4.add(y0, addedUp(b0));
    y1 = i32x4.add(y1, addedUp(b1));
  }
  const first = i32x4.splat(px), second = i32x4.splat(py);
  v128.store(sums, i32x4.sub(first, i32x4.shl(x0, 1)));
  v128.store(sums, i32x4.sub(first, i32x4.shl(x1, 1)), 16);
  v128.store(sums + sumBytes, i32x4.sub(second, i32x4.shl(y0, 1)));
  v128.store(sums + sumBytes, i32x4.sub(second, i32x4.shl(y1, 1)), 16);
}

/** The channels that a row has at all. */
function presentIn(x: usize, words: i32): i32 {
  let count: i32 = 0;
  for (let word: i32 = 0; word < words; word++) count += i32.popcnt(load<i32>(x + 8 * <usize>word));
  return count;
}

/** See multiplyRows: signs and zeros times signs. The last of an odd number of rows is computed twice. */
export function countRows(
  x: usize,
  rows: i32,
  words: i32,
  w: usize,
  blocks: i32,
  sums: usize,
  sumBytes: usize,
): void {
  const rowBytes = (<usize>words) << 3;
  for (let row: i32 = 0; row < rows; row += 2) {
    const first = x + (<usize>row) * rowBytes;
    const isLast = row + 1 == rows;
    const second = isLast ? first : first + rowBytes;
    const to = sums + (<usize>row) * sumBytes;
    const px = presentIn(first, words);
    const py = presentIn(second, words);
    for (let block: i32 = 0; block < blocks; block++)
      countOpposite(first, second, words, w + (<usize>block) * (<usize>words) * 32, px, py,
        to + 32 * <usize>block, isLast ? 0 : sumBytes);
  }
}

/** Two rows times 4 filters with zeros: what is present in both, minus twice what differs. */
function countBoth(x: usize, y: usize, words: i32, w: usize, sums: usize, sumBytes: usize): void {
  let x0 = i32x4.splat(0), x1 = x0, y0 = x0, y1 = x0;
  while (words > 0) {
    const some = min(words, MOST_WORDS);
    words -= some;
    let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0;
    for (let word: i32 = 0; word < some; word++, x += 8, y += 8, w += 32) {
      const wp = v128.load(w);
      const wn = v128.load(w, 16);
      let both = v128.and(v128.load32_splat(x), wp);
      a0 = i8x16.add(a0, i8x16.popcnt(both));
      a1 = i8x16.add(a1, i8x16.popcnt(v128.and(both, v128.xor(v128.load32_splat(x, 4), wn))));
      both = v128.and(v128.load32_splat(y), wp);
      b0 = i8x16.add(b0, i8x16.popcnt(both));
      b1 = i8x16.add(b1, i8x16.popcnt(v128.and(both, v128.xor(v128.load32_splat(y, 4), wn))));
    }
    x0 = i32x4.add(x0, addedUp(a0));
    x1 = i32x4.add(x1, addedUp(a1));
    y0 = i32x4.add(y0, addedUp(b0));
    y1 = i32x4.add(y1, addedUp(b1));
  }
  v128.store(sums, i32x4.sub(x0, i32x4.shl(x1, 1)));
  v128.store(sums + sumBytes, i32x4.sub(y0, i32x4.shl(y1, 1)));
}

/** See multiplyRows: signs and zeros times signs and zeros. */
export function countTernaryRows(
  x: usize,
  rows: i32,
  words: i32,
  w: usize,
  blocks: i32,
  sums: usize,
  sumBytes: usize,
): void {
  const rowBytes = (<usize>words) << 3;
  for (let row: i32 = 0; row < rows; row += 2) {
    const first = x + (<usize>row) * rowBytes;
    const isLast = row + 1 == rows;
    const second = isLast ? first : first + rowBytes;
    const to = sums + (<usize>row) * sumBytes;
    for (let block: i32 = 0; block < blocks; block++) {
      const filters = w + (<usize>block) * (<usize>words) * 64;
      countBoth(first, second, words, filters, to + 32 * <usize>block, isLast ? 0 : sumBytes);
      countBoth(first, second, words, filters + (<usize>words) * 32, to + 32 * <usize>block + 16, isLast ? 0 : sumBytes);
    }
  }
}

/**
 * The channels of positions as bits. x: [positions, channels] codes of -1, 0, 1 (or 0, 1); bits: [positions, groups, words]
 * pairs of present and negative channels.
 */
export function packBits(x: usize, positions: i32, channels: i32, groups: i32, zero: i32, bits: usize): void {
  const own = channels / groups;
  const z = i8x16.splat(<i8>zero);
  for (let at: i32 = 0; at < positions * groups; at++, x += own) {
    for (let from: i32 = 0; from < own; from += 32, bits += 8) {
      const left = own - from;
      const low = v128.load(x + from);
      const high = v128.load(x + from, 16);
      let present = i8x16.bitmask(i8x16.ne(low, z)) | (i8x16.bitmask(i8x16.ne(high, z)) << 16);
      const negative = i8x16.bitmask(i8x16.lt_u(low, z)) | (i8x16.bitmask(i8x16.lt_u(high, z)) << 16);
      if (left < 32) present &= (1 << left) - 1;
      store<i32>(bits, present);
      store<i32>(bits, negative, 4);
    }
  }
}
