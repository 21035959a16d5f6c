// Products of signs by looking up. A byte of a row has 4 channels: which are present (not 0), in its low 4 bits, and which are
// negative. It selects a table of 16 counts, one for each choice of 4 signs of a filter: how many present channels have the
// opposite sign. The signs of 16 filters are the indices of one instruction, which finds their 16 counts. sum = present - 2 count
// (XNOR-Net, Rastegari et al. 2016, section 3.3). T-MAC (Wei et al. 2024, section 3) looks up products in the same way, but computes a
// table for every group of activations, where signs only select one.
//
// A filter with zeros is the mean of two filters of signs, which differ where it is 0; sum = present - both counts. The first of
// them are multiplied, then the second.

/** Types that choose the instructions. */
export type Standard = i32;
export type Relaxed = f32;

/** The address of the tables (kernels/layout.ts). */
const TABLES: usize = 1024;
/** Additions until counts may exceed a byte. */
const MOST: i32 = 63;
/** Rows that are computed together. */
const TILE_ROWS: i32 = 4;

/** The instruction of relaxed SIMD need not check indices. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function lookUp<R>(table: v128, indices: v128): v128 {
  return isFloat<R>() ? i8x16.relaxed_swizzle(table, indices) : i8x16.swizzle(table, indices);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function tableOf(x: usize): v128 {
  return v128.load((<usize>load<u8>(x)) << 4, TABLES);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function subtract(sums: usize, counts: v128, shift: i32): void {
  v128.store(sums, i32x4.sub(v128.load(sums), i32x4.shl(counts, shift)));
}

/** Subtracts the counts of 16 filters, times 2 to the `shift`, from their sums. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function subtractCounts(sums: usize, counts: v128, shift: i32): void {
  const low = i16x8.extend_low_i8x16_u(counts);
  const high = i16x8.extend_high_i8x16_u(counts);
  subtract(sums, i32x4.extend_low_i16x8_u(low), shift);
  subtract(sums + 16, i32x4.extend_high_i16x8_u(low), shift);
  subtract(sums + 32, i32x4.extend_low_i16x8_u(high), shift);
  subtract(sums + 48, i32x4.extend_high_i16x8_u(high), shift);
}

/** The counts of two rows and 64 filters. */
function subtractWide<R>(x: usize, bytes: i32, w: usize, sums: usize, sumBytes: usize, shift: i32): void {
  const others = sums + sumBytes;
  let y = x + <usize>bytes;
  while (bytes > 0) {
    const some = min(bytes, MOST);
    bytes -= some;
    let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (const end = x + <usize>some; x < end; x++, y++, w += 64) {
      const s = tableOf(x), t = tableOf(y);
      let i = v128.load(w);
      a0 = i8x16.add(a0, lookUp<R>(s, i));
      b0 = i8x16.add(b0, lookUp<R>(t, i));
      i = v128.load(w, 16);
      a1 = i8x16.add(a1, lookUp<R>(s, i));
      b1 = i8x16.add(b1, lookUp<R>(t, i));
      i = v128.load(w, 32);
      a2 = i8x16.add(a2, lookUp<R>(s, i));
      b2 = i8x16.add(b2, lookUp<R>(t, i));
      i = v128.load(w, 48);
      a3 = i8x16.add(a3, lookUp<R>(s, i));
      b3 = i8x16.add(b3, lookUp<R>(t, i));
    }
    subtractCounts(sums, a0, shift);
    subtractCounts(sums + 64, a1, shift);
    subtractCounts(sums + 128, a2, shift);
    subtractCounts(sums + 192, a3, shift);
    subtractCounts(others, b0, shift);
    subtractCounts(others + 64, b1, shift);
    subtractCounts(others + 128, b2, shift);
    subtractCounts(others + 192, b3, shift);
  }
}

/** The counts of 4 rows and 32 filters. */
function subtractSquare<R>(x: usize, bytes: i32, w: usize, sums: usize, sumBytes: usize, shift: i32): void {
  let x1 = x + <usize>bytes, x2 = x1 + <usize>bytes, x3 = x2 + <usize>bytes;
  while (bytes > 0) {
    const some = min(bytes, MOST);
    bytes -= some;
    let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    for (const end = x + <usize>some; x < end; x++, x1++, x2++, x3++, w += 32) {
      const i = v128.load(w), j = v128.load(w, 16);
      let s = tableOf(x), t = tableOf(x1);
      a0 = i8x16.add(a0, lookUp<R>(s, i));
      a1 = i8x16.add(a1, lookUp<R>(s, j));
      b0 = i8x16.add(b0, lookUp<R>(t, i));
      b1 = i8x16.add(b1, lookUp<R>(t, j));
      s = tableOf(x2);
      t = tableOf(x3);
      c0 = i8x16.add(c0, lookUp<R>(s, i));
      c1 = i8x16.add(c1, lookUp<R>(s, j));
      d0 = i8x16.add(d0, lookUp<R>(t, i));
      d1 = i8x16.add(d1, lookUp<R>(t, j));
    }
    let to = sums;
    subtractTwo(to, a0, a1, shift);
    to += sumBytes;
    subtractTwo(to, b0, b1, shift);
    to += sumBytes;
    subtractTwo(to, c0, c1, shift);
    subtractTwo(to + sumBytes, d0, d1, shift);
  }
}

/** The counts of 32 filters. Calls keep tiles small that most filters do not need. */
function subtractTwo(sums: usize, a: v128, b: v128, shift: i32): void {
  subtractCounts(sums, a, shift);
  subtractCounts(sums + 64, b, shift);
}

/** The counts of 4 rows and 16 filters. */
function subtractTall<R>(x: usize, bytes: i32, w: usize, sums: usize, sumBytes: usize, shift: i32): void {
  let x1 = x + <usize>bytes, x2 = x1 + <usize>bytes, x3 = x2 + <usize>bytes;
  while (bytes > 0) {
    const some = min(bytes, MOST);
    bytes -= some;
    let a = i32x4.splat(0), b = a, c = a, d = a;
    for (const end = x + <usize>some; x < end; x++, x1++, x2++, x3++, w += 16) {
      const i = v128.load(w);
      a = i8x16.add(a, lookUp<R>(tableOf(x), i));
      b = i8x16.add(b, lookUp<R>(tableOf(x1), i));
      c = i8x16.add(c, lookUp<R>(tableOf(x2), i));
      d = i8x16.add(d, lookUp<R>(tableOf(x3), i));
    }
    subtractOne(sums, a, shift);
    subtractOne(sums + sumBytes, b, shift);
    subtractOne(sums + 2 * sumBytes, c, shift);
    subtractOne(sums + 3 * sumBytes, d, shift);
  }
}

/** The same for 16 filters. */
function subtractOne(sums: usize, counts: v128, shift: i32): void {
  subtractCounts(sums, counts, shift);
}

/** The channels that a row has at all. */
function presentIn(x: usize, bytes: i32): i32 {
  let count: i32 = 0;
  for (; bytes >= 4; bytes -= 4, x += 4) count += i32.popcnt(load<i32>(x) & 0x0f0f0f0f);
  for (; bytes > 0; bytes--, x++) count += i32.popcnt(load<u8>(x) & 15);
  return count;
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function fill(sums: usize, bytes: usize, value: i32): void {
  const all = i32x4.splat(value);
  for (const end = sums + bytes; sums < end; sums += 16) v128.store(sums, all);
}

/**
 * rows [rows, bytes] times filters -> sums [rows, filters]. Whole tiles are computed: up to 3 rows more, whatever is there.
 * @param w [1 or 2, blocks, bytes, filters of a block]: blocks of 64 filters, then one of 32 if as many are left, then one of 16
 * @param filters a multiple of 16
 * @param sumBytes from the sums of one row to those of the next
 * @param zeros 1 for filters with zeros, otherwise 0
 */
export function multiplySignRows<R>(
  x: usize,
  rows: i32,
  bytes: i32,
  w: usize,
  filters: i32,
  sums: usize,
  sumBytes: usize,
  zeros: i32,
): void {
  const row = <usize>bytes;
  const shift = 1 - zeros;
  for (; rows > 0; rows -= TILE_ROWS, x += (<usize>TILE_ROWS) * row, sums += (<usize>TILE_ROWS) * sumBytes) {
    for (let at: i32 = 0; at < TILE_ROWS; at++)
      fill(sums + (<usize>at) * sumBytes, (<usize>filters) << 2, presentIn(x + (<usize>at) * row, bytes));
    let v = w;
    for (let part: i32 = 0; part <= zeros; part++) {
      let to = sums;
      for (let left = filters; left >= 64; left -= 64, v += 64 * row, to += 256) {
        subtractWide<R>(x, bytes, v, to, sumBytes, shift);
        subtractWide<R>(x + 2 * row, bytes, v, to + 2 * sumBytes, sumBytes, shift);
      }
      if (filters & 32) {
        subtractSquare<R>(x, bytes, v, to, sumBytes, shift);
        v += 32 * row;
        to += 128;
      }
      if (filters & 16) {
        subtractTall<R>(x, bytes, v, to, sumBytes, shift);
        v += 16 * row;
      }
    }
  }
}

/** The low 4 bits of every byte of the result are 4 bits of x. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function spread(x: i32): i32 {
  x = (x | (x << 8)) & 0x00ff00ff;
  return (x | (x << 4)) & 0x0f0f0f0f;
}

/**
 * The channels of positions as bytes of 4. x: [positions, channels] codes of -1, 0, 1 (or 0, 1); packed: [positions, groups,
 * bytes].
 */
export function packSigns(x: usize, positions: i32, channels: i32, groups: i32, zero: i32, packed: usize): void {
  const own = channels / groups;
  const z = i8x16.splat(<i8>zero);
  for (let at: i32 = 0; at < positions * groups; at++, x += own) {
    for (let from: i32 = 0; from < own; from += 16) {
      const left = own - from;
      const codes = v128.load(x + from);
      let present = i8x16.bitmask(i8x16.ne(codes, z));
      if (left < 16) present &= (1 << left) - 1;
      let bytes = spread(present) | (spread(i8x16.bitmask(i8x16.lt_u(codes, z))) << 4);
      if (left > 12) {
        store<i32>(packed, bytes);
        packed += 4;
        continue;
      }
      for (let channel: i32 = 0; channel < left; channel += 4, packed++, bytes >>= 8) store<u8>(packed, bytes);
    }
  }
}
