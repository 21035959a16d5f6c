import { type Tensor, tf } from "../../../src/tensor/tf.js";
import type { Workers } from "../../../src/tensor/workers.js";

type Numbers = readonly Float32Array[];

/** One worker, whose sums are its own values and what `others` recorded for the same sum. */
const workerOf = (index: number, count: number, records: readonly Numbers[][]) => {
  const own: Numbers[] = [];
  const workers: Workers = {
    count,
    index,
    startSums: (tensors, factor = 1) => {
      const at = own.length;
      const scaled = tensors.map((tensor) => tf.tidy(() => tf.mul(tensor, factor)));
      own.push(scaled.map((tensor) => Float32Array.from(tensor.dataSync())));
      const sums = scaled.map((tensor, part): Tensor => {
        const values = records.map((record, other) =>
          other === index ? own[at]?.[part] : record[at]?.[part],
        );
        // Added in the order of the workers, so that all have the same bits.
        const sum = new Float32Array(tensor.size);
        for (const each of values) {
          each?.forEach((value, place) => {
            sum[place] = (sum[place] as number) + value;
          });
        }
        return tf.tensor(sum, tensor.shape);
      });
      tf.dispose(scaled);
      return () => sums;
    },
    check: () => {},
  };
  return { workers, own };
};

/**
 * Runs what each of several workers computes, in one process. Everything is repeated until all sums are known: in round n, the
 * first n sums are right.
 */
export const runTogether = <T>(count: number, run: (workers: Workers) => T): T[] => {
  let records: Numbers[][] = Array.from({ length: count }, () => []);
  for (let round = 0; ; round++) {
    const all = Array.from({ length: count }, (_, index) => workerOf(index, count, records));
    const results = all.map(({ workers }) => run(workers));
    records = all.map(({ own }) => own);
    if (round >= (records[0] as Numbers[]).length) return results;
  }
};
