// The products of bytes with the integer dot product of relaxed SIMD, and of signs with its look-ups, in a module of their own:
// engines without these instructions refuse the whole module.
import { multiplyRowsToCodes } from "./code-tiles";
import { sumWindows } from "./columns";
import { multiplySignRows, Relaxed } from "./sign-tiles";
import { Tail } from "./tail";
import { multiplyRows, multiplySmallRows } from "./tiles";

/** See multiplyRows and multiplySmallRows: codes of a byte times weights of a byte. @param run 0: products may be large */
export function multiplyBytes(
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
  if (run) multiplySmallRows(x, rows, rowBytes, words, w, blocks, sums, sumBytes, run);
  else multiplyRows<i8>(x, rows, rowBytes, words, w, blocks, sums, sumBytes);
}

/** See multiplyRowsToCodes: codes of a byte times weights of a byte. */
export function multiplyToCodes(
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
  multiplyRowsToCodes<i8>(x, rows, rowBytes, words, w, blocks, t, sums, to);
}

/** See multiplySignRows. */
export function multiplySigns(
  x: usize,
  rows: i32,
  bytes: i32,
  w: usize,
  filters: i32,
  sums: usize,
  sumBytes: usize,
  zeros: i32,
): void {
  multiplySignRows<Relaxed>(x, rows, bytes, w, filters, sums, sumBytes, zeros);
}

/** See sumWindows: codes of a byte times weights of a byte. */
export function sumByteWindows(
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
  sumWindows<i8>(x, groups, taps, tapBytes, stepBytes, w, constants, count, sums);
}

/**
 * The dot product of two bytes w and x each, repeated, which shows what the instruction does with codes above 127 (the
 * standard leaves it open) and with sums beyond 16 bits.
 */
export function dotOfPair(w: i32, x: i32): i32 {
  const dot = i32x4.relaxed_dot_i8x16_i7x16_add_s(i8x16.splat(<i8>w), i8x16.splat(<i8>x), i32x4.splat(0));
  return i32x4.extract_lane(dot, 0);
}
