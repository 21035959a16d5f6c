import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { CommandContext } from "../../cli/command.js";
import type { Reporter } from "../../cli/training/reporter.js";
import type { TrainingCall } from "./training-call.js";

/** Everything that one run works with. */
export interface Run {
  readonly call: TrainingCall;
  readonly context: CommandContext;
  readonly dataSet: DataSet;
  readonly net: Net;
  readonly reporter: Reporter;
  readonly startedAt: number;
}

export const secondsSince = ({ context, startedAt }: Run): number =>
  (context.now() - startedAt) / 1000;
