import { setTimeout } from "node:timers/promises";
import { QpruneError } from "../../base/errors.js";
import { tf } from "../../tensor/tf.js";
import type { Workers } from "../../tensor/workers.js";
import type { NativeBackend } from "../native-backend.js";
import { attributeMaker } from "../native-kernels/activation-attributes.js";
import { type Cluster, lateWorkers, workerFailure, workerName } from "./worker-failure.js";

export interface JoinOptions {
  /** How long to wait for a worker to start, and in each step for the slowest one. */
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
  /** Receives lines for the user. */
  readonly notify: (text: string) => void;
  readonly now: () => number;
}

const ANSWER_MS = 1000;
const BETWEEN_CALLS_MS = 200;
/** Waiting becomes worth a line after this time. */
const SILENT_MS = 3000;
const BETWEEN_CHECKS_MS = 5000;
const ANSWER_IN_CHECK_MS = 5000;

/** The ops of the native engine that connect workers (engine/native/tensorflow/workers). */
const workerOps = (backend: NativeBackend) => {
  const { int, text } = attributeMaker(backend);
  return {
    join: ({ addresses, index }: Cluster, patienceMs: number): void =>
      backend
        .executeSingleOutput(
          "QpruneJoinWorkers",
          [
            text("addresses", addresses.join()),
            int("index", index),
            int("patience_ms", patienceMs),
          ],
          [],
        )
        .dispose(),
    absent: (answerMs: number): number[] => {
      const indices = backend.executeSingleOutput(
        "QpruneAbsentWorkers",
        [int("answer_ms", answerMs)],
        [],
      );
      const numbers = [...indices.dataSync()];
      indices.dispose();
      return numbers;
    },
    start: (tensors: readonly tf.Tensor[], factor: number, slot: number): void => {
      const scale = tf.scalar(factor);
      const attributes = [int("count", tensors.length), int("slot", slot)];
      backend.executeSingleOutput("QpruneStartSum", attributes, [...tensors, scale]).dispose();
      scale.dispose();
    },
    finish: (count: number, slot: number): tf.Tensor[] =>
      backend.executeMultipleOutputs(
        "QpruneFinishSum",
        [int("count", count), int("slot", slot)],
        [],
        count,
      ),
  };
};

export const needsNativeEngine = (): QpruneError =>
  new QpruneError("Several workers can only train with the native engine.", {
    kind: "usage",
    code: "workers-need-native-engine",
    hint: "Use the native engine on every machine.",
  });

/** The backend of the native engine. @throws QpruneError (usage) with another engine. */
const nativeBackend = (): NativeBackend => {
  const backend: unknown = tf.backend();
  // The cast is safe: the native engine registers its backend under this name.
  if (tf.getBackend() === "tensorflow") return backend as NativeBackend;
  throw needsNativeEngine();
};

/**
 * Starts this worker's server and waits until all others answer. A process can join workers once.
 * Sums are computed by TensorFlow's collective ops (CollectiveReduceV2 over gRPC) on a thread of their own.
 * @throws QpruneError if a worker does not start in time (temporary), or the port is in use (usage)
 */
export const joinWorkers = async (
  cluster: Cluster,
  { patienceSeconds, signal, notify, now }: JoinOptions,
): Promise<Workers> => {
  const ops = workerOps(nativeBackend());
  const reporting = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw workerFailure(cluster, error, patienceSeconds);
    }
  };
  reporting(() => ops.join(cluster, patienceSeconds * 1000));
  const begin = now();
  let isNotified = false;
  for (;;) {
    const absent = ops.absent(ANSWER_MS);
    if (absent.length === 0) break;
    const waited = now() - begin;
    if (waited > patienceSeconds * 1000) throw lateWorkers(cluster, absent, patienceSeconds);
    if (!isNotified && waited > SILENT_MS) {
      isNotified = true;
      notify(`Waiting for ${absent.map((index) => workerName(cluster, index)).join(" and ")}`);
    }
    await setTimeout(BETWEEN_CALLS_MS, undefined, { signal });
  }
  const busy = new Set<number>();
  const freeSlot = (): number => {
    for (let slot = 0; ; slot++) if (!busy.has(slot)) return slot;
  };
  let checkedAt = now();
  return {
    count: cluster.addresses.length,
    index: cluster.index,
    startSums: (tensors, factor = 1) => {
      const slot = freeSlot();
      busy.add(slot);
      ops.start(tensors, factor, slot);
      return () => {
        const sums = reporting(() => ops.finish(tensors.length, slot));
        busy.delete(slot);
        return sums;
      };
    },
    check: () => {
      if (now() - checkedAt < BETWEEN_CHECKS_MS) return;
      const absent = ops.absent(ANSWER_IN_CHECK_MS);
      checkedAt = now();
      if (absent.length === 0) return;
      throw workerFailure(cluster, new Error(`qprune-workers absent ${absent}`), patienceSeconds);
    },
  };
};
