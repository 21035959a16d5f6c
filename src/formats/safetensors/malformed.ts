import { QpruneError } from "../../base/errors.js";

/** The error for bytes that are no valid safetensors file. */
export const malformed = (fileName: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`${fileName} is not a valid safetensors file: ${reason}.`, {
    hint: "Check that it is the right file and was copied completely, or save it again.",
    cause,
  });
