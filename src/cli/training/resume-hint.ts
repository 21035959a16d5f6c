import { QpruneError } from "../../base/errors.js";
import { memoryFailure } from "../../engine/out-of-memory.js";
import { errorText } from "../error-text.js";

/**
 * Adds how to resume to the hint of an error that stopped a run. Usage errors, unexpected exceptions, and errors that contain how
 * to resume pass through unchanged.
 */
export const withResumeHint = (error: unknown, advice: string | undefined): unknown => {
  const failure = memoryFailure(error);
  if (!(failure instanceof QpruneError) || failure.kind !== "failure") return failure;
  if (advice === undefined) return failure;
  const { message, hint } = errorText(failure);
  const both = [hint, `Then ${advice}`].filter(Boolean).join(" ");
  return new QpruneError(message, { hint: both, cause: failure });
};
