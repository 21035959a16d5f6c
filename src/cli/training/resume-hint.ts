import { existsSync } from "node:fs";
import { QpruneError } from "../../base/errors.js";
import { memoryFailure } from "../../engine/out-of-memory.js";
import { hintOf } from "../flag-advice.js";

/** How a run goes on where its training state is on the disk: whatever happened, the state there is whole. */
export const stateWayOn = (command: string, statePath: string): string | undefined =>
  existsSync(statePath)
    ? `go on from the last training state with: qprune ${command} --resume ${statePath}`
    : undefined;

/**
 * What stopped a run, told with how to go on where there is a way. Errors that are not meant to be read, and those
 * of wrong calls, stay what they are.
 */
export const withWayOn = (error: unknown, wayOn: string | undefined): unknown => {
  const failure = memoryFailure(error);
  if (!(failure instanceof QpruneError) || failure.kind === "usage") return failure;
  if (wayOn === undefined) return failure;
  const hint = [hintOf(failure), `Then ${wayOn}`].filter(Boolean).join(" ");
  return new QpruneError(failure.message, { hint, cause: failure });
};
