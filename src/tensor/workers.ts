import { type Tensor, tf } from "./tf.js";

/** The processes that train one net together. Each has a copy of the net and trains it on its part of every batch. */
export interface Workers {
  readonly count: number;
  /** Of this process, from 0. Worker 0 writes the files. */
  readonly index: number;
  /**
   * Starts to sum `factor` times each tensor over all workers, in the background. The returned function waits for the sums,
   * which are the same bits in all workers and belong to the caller. All workers have to start the same sums in the same order.
   * The caller keeps the tensors.
   * @throws QpruneError (temporary) if a worker is missing
   */
  readonly startSums: (tensors: readonly Tensor[], factor?: number) => () => Tensor[];
  /**
   * Checks from time to time that all workers are there, in long computations without sums.
   * @throws QpruneError (temporary) if one is missing
   */
  readonly check: () => void;
}

/** A process that trains alone: a sum over all workers is its own value. */
export const ALONE: Workers = {
  count: 1,
  index: 0,
  startSums: (tensors, factor = 1) => {
    const own = tensors.map((tensor) => (factor === 1 ? tf.clone(tensor) : tf.mul(tensor, factor)));
    return () => own;
  },
  check: () => {},
};

/** The sums over all workers of `factor` times each tensor. The caller keeps the tensors and owns the sums. */
export const sumOverWorkers = (
  workers: Workers,
  tensors: readonly Tensor[],
  factor = 1,
): Tensor[] => workers.startSums(tensors, factor)();
