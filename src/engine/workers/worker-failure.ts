import { QpruneError } from "../../base/errors.js";

/** The processes of a run, and which of them this one is. */
export interface Cluster {
  /** host:port of every worker. */
  readonly addresses: readonly string[];
  readonly index: number;
}

/** A worker with its address. */
export const workerName = ({ addresses }: Pick<Cluster, "addresses">, index: number): string =>
  `worker ${index} (${addresses[index]})`;

const namesOf = (cluster: Cluster, indices: string): string =>
  indices
    .split(",")
    .map((index) => workerName(cluster, Number(index)))
    .join(" and ");

const AGAIN = "Run the same command again on all machines: the run resumes where it was saved.";

const temporary = (message: string, hint: string, cause?: unknown): QpruneError =>
  new QpruneError(message, { kind: "temporary", code: "worker-missing", hint, cause });

/** The error of workers that did not start in time. */
export const lateWorkers = (cluster: Cluster, indices: readonly number[], seconds: number) => {
  const names = namesOf(cluster, indices.join());
  const verb = indices.length === 1 ? "does" : "do";
  return new QpruneError(
    `${names} ${verb} not answer after ${seconds} s: the command has not been started there, or the address is wrong.`,
    {
      kind: "temporary",
      code: "worker-late",
      hint: "Check the addresses and that every machine can reach the ports of the others, then start the command on all machines.",
    },
  );
};

/** The error of a server that did not start. */
const serverFailure = (cluster: Cluster, detail: string, cause: unknown): QpruneError =>
  new QpruneError(
    `This process cannot be ${workerName(cluster, cluster.index)}: ${/start gRPC server|bind|address/i.test(detail) ? "its port is in use, or the port is missing in the address" : detail}.`,
    {
      kind: "usage",
      code: "worker-port",
      hint: "Choose a free port for this worker, in the addresses of all workers.",
      cause,
    },
  );

/** What TensorFlow reports if workers disagree on their number. */
const GROUP_SIZE = /group.?size/i;

/**
 * What an error of the native ops is about, as an error for users. The ops report `qprune-workers KIND DETAIL`
 * (native/tensorflow/workers/reducer.h).
 */
export const workerFailure = (cluster: Cluster, cause: unknown, seconds: number): unknown => {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [, kind, detail = ""] = /qprune-workers (\w+) (.*)/.exec(text) ?? [];
  if (kind === undefined) return cause;
  if (kind === "server") return serverFailure(cluster, detail, cause);
  if (kind === "slow") {
    return temporary(
      `A worker did not finish its part of the step within ${seconds} s, although it answers.`,
      AGAIN,
      cause,
    );
  }
  if (kind === "absent") {
    const names = namesOf(cluster, detail.trim());
    const verb = detail.includes(",") ? "have" : "has";
    return temporary(`${names} ${verb} stopped or cannot be reached.`, AGAIN, cause);
  }
  if (GROUP_SIZE.test(detail)) {
    return new QpruneError(
      `The workers disagree on their number; this one has ${cluster.addresses.length} addresses.`,
      { kind: "usage", hint: "Give all workers the same list of addresses.", cause },
    );
  }
  return temporary(
    `The workers cannot exchange their gradients: ${detail.split("\n")[0]}`,
    AGAIN,
    cause,
  );
};
