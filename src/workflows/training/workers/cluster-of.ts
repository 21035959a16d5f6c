import { z } from "zod";
import { usageError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { option } from "../../../base/option-reference.js";
import type { Cluster } from "../../../engine/workers/worker-failure.js";
import { isAddress } from "../../../options/values/address-list.js";
import type { TrainingOptions } from "../training-call.js";

const addresses = z.array(z.string().refine(isAddress, { error: "expected host:port" }));

/** What TensorFlow's launchers put into TF_CONFIG. A chief, if there is one, comes before the workers. */
const configSchema = z.object({
  cluster: z.object({
    chief: addresses.max(1).default([]),
    worker: addresses.default([]),
    ps: z.array(z.string()).max(0, { error: "parameter servers are not used" }).default([]),
  }),
  task: z.object({
    type: z.enum(["chief", "worker"], { error: "expected chief or worker" }),
    index: z.coerce.number<unknown>().int().nonnegative(),
  }),
});

const parsedConfig = (text: string) => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw usageError(
      "The variable TF_CONFIG is not JSON.",
      `Its form is {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}; unset it to train alone.`,
    );
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw usageError(
    `The variable TF_CONFIG cannot be used (${firstProblem(parsed.error, "TF_CONFIG")}).`,
    `Its form is {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}; unset it to train alone.`,
  );
};

const fromConfig = (text: string): Cluster => {
  const { cluster, task } = parsedConfig(text);
  const { chief, worker } = cluster;
  const all = [...chief, ...worker];
  const index = task.type === "chief" ? task.index : chief.length + task.index;
  if (index < all.length) return { addresses: all, index };
  throw usageError(
    `The variable TF_CONFIG names ${task.type} ${task.index} as this task, but lists ${all.length} addresses.`,
    "Indices start from 0; give every process its own.",
  );
};

/**
 * The processes that train together, by the options or else by TF_CONFIG, the variable that TensorFlow's launchers set;
 * undefined for a process that trains alone.
 * @throws QpruneError (usage) if they contradict each other
 */
export const clusterOf = (
  { workers, task_index: index }: Partial<Pick<TrainingOptions, "workers" | "task_index">>,
  env: Readonly<Record<string, string | undefined>>,
): Cluster | undefined => {
  if (workers === undefined) {
    if (index !== undefined) {
      throw usageError(
        `${option("task_index")} ${index} is given without ${option("workers")}.`,
        `Give the addresses of all workers with ${option("workers")}.`,
      );
    }
    const cluster = env.TF_CONFIG ? fromConfig(env.TF_CONFIG) : undefined;
    return cluster && cluster.addresses.length > 1 ? cluster : undefined;
  }
  if (index === undefined || index >= workers.length) {
    throw usageError(
      `${option("workers")} lists ${workers.length} workers, and ${option("task_index")} is ${index ?? "missing"}.`,
      `Choose which of them this process is, from 0 to ${workers.length - 1}, with ${option("task_index")}.`,
    );
  }
  return workers.length > 1 ? { addresses: workers, index } : undefined;
};
