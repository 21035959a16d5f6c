import { type Tensor, tf } from "../../tensor/tf.js";
import { sumOverWorkers, type Workers } from "../../tensor/workers.js";

/** Bytes that are sent at once. */
const CHUNK_BYTES = 1 << 20;
/** Whole numbers below it have exact sums in float32. */
const EXACT = 2 ** 24;

/** Sums of numbers in float32. */
const sumsOf = (workers: Workers, numbers: Float32Array): Float32Array => {
  const tensor = tf.tensor1d(numbers);
  const [sum] = sumOverWorkers(workers, [tensor]) as [Tensor];
  const sums = sum.dataSync() as Float32Array;
  tf.dispose([tensor, sum]);
  return sums;
};

/** The bytes of all workers, one after the other: each adds its own to the zeros of the others. */
const joinedBytes = (
  workers: Workers,
  own: { readonly bytes: Uint8Array; readonly from: number },
  length: number,
): Uint8Array => {
  const all = new Uint8Array(length);
  for (let start = 0; start < length; start += CHUNK_BYTES) {
    const part = new Float32Array(Math.min(CHUNK_BYTES, length - start));
    const first = Math.max(start, own.from);
    const end = Math.min(start + part.length, own.from + own.bytes.length);
    if (first < end) part.set(own.bytes.subarray(first - own.from, end - own.from), first - start);
    all.set(sumsOf(workers, part), start);
  }
  return all;
};

/** The lengths of the bytes of all workers. */
const lengthsOf = (workers: Workers, length: number): number[] => {
  const own = new Float32Array(2 * workers.count);
  own.set([Math.floor(length / EXACT), length % EXACT], 2 * workers.index);
  const sums = sumsOf(workers, own);
  return Array.from(
    { length: workers.count },
    (_, index) => (sums[2 * index] as number) * EXACT + (sums[2 * index + 1] as number),
  );
};

/** The bytes that each worker gives, by worker. They travel as sums, so they reach all workers at the same point of the program. */
export const gatherBytes = (workers: Workers, bytes: Uint8Array): Uint8Array[] => {
  if (workers.count === 1) return [bytes];
  const lengths = lengthsOf(workers, bytes.length);
  const starts = lengths.map((_, index) =>
    lengths.slice(0, index).reduce((sum, length) => sum + length, 0),
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const own = { bytes, from: starts[workers.index] as number };
  const all = joinedBytes(workers, own, total);
  return lengths.map((length, index) => {
    const start = starts[index] as number;
    return all.slice(start, start + length);
  });
};

/** The text that each worker gives, by worker. */
export const gatherTexts = (workers: Workers, text: string): string[] =>
  workers.count === 1
    ? [text]
    : gatherBytes(workers, new TextEncoder().encode(text)).map((bytes) =>
        new TextDecoder().decode(bytes),
      );
