/**
 * Random numbers that depend only on their keys: the same (seed, epoch, sample, …) gives the same draw in every thread
 * and on every machine, regardless of earlier draws.
 */

/** The finalizer of MurmurHash3 (32 bit): every input bit changes every output bit about half of the time. */
const mix = (value: number): number => {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * A uniform integer in [0, 2^32) that is a hash of the keys.
 * Keys are whole numbers, taken modulo 2^32; their order matters. A stream constant among the keys separates purposes.
 * Draws that differ only in the last key are all distinct, which differs noticeably from chance only beyond about 2^16
 * draws.
 */
export const randomUint32 = (...keys: readonly number[]): number => {
  let state = 0x9e3779b9;
  for (const key of keys) {
    state = mix((Math.imul(state, 5) + 0xe6546b64) ^ mix((key + 0x9e3779b9) >>> 0));
  }
  return mix(state ^ keys.length);
};

/** A uniform number in [0, 1), a hash of the keys. */
export const randomUnit = (...keys: readonly number[]): number => randomUint32(...keys) / 2 ** 32;

/** A random permutation of 0 … count-1 (Fisher-Yates), determined by the keys. */
export const randomPermutation = (count: number, ...keys: readonly number[]): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(randomUnit(...keys, last) * (last + 1));
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
  return order;
};
