import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { Workers } from "../../tensor/workers.js";
import type { WorkflowContext } from "../context.js";
import type { Phase } from "./bit-phases.js";
import type { Teacher } from "./teacher.js";
import type { TrainingCall } from "./training-call.js";

/** A run: its call, data and net. */
export interface Run {
  readonly call: TrainingCall;
  /** The part of the run that the net belongs to. */
  readonly phase: Pick<Phase, "lastEpoch" | "isLast">;
  readonly context: WorkflowContext;
  readonly dataSet: DataSet;
  readonly net: Net;
  /** The net that it learns from. */
  readonly teacher?: Teacher | undefined;
  readonly startedAt: number;
  readonly workers: Workers;
  /** Images per batch, of all workers together. */
  readonly wholeBatch: number;
}

export const secondsSince = ({ context, startedAt }: Pick<Run, "context" | "startedAt">): number =>
  (context.now() - startedAt) / 1000;
