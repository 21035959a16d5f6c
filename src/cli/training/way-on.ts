import { existsSync } from "node:fs";
import { QpruneError } from "../../core/errors.js";
import { memoryFailure } from "../../engine/out-of-memory.js";

/**
 * What stopped a run, told with how to go on where its training state is on the disk: whatever happened, the
 * state there is whole. Errors that are not meant to be read stay what they are.
 */
export const withWayOn = (error: unknown, command: string, statePath: string): unknown => {
  const failure = memoryFailure(error);
  if (!(failure instanceof QpruneError) || failure.kind === "usage") return failure;
  if (!existsSync(statePath)) return failure;
  const goOn = `Then go on from the last training state with: qprune ${command} --resume ${statePath}`;
  return new QpruneError(failure.message, {
    hint: failure.hint ? `${failure.hint} ${goOn}` : goOn,
    cause: failure,
  });
};
