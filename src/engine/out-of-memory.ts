import { QpruneError } from "../base/errors.js";

/** How TensorFlow, its ops and Node.js report that memory ran out. */
const OUT_OF_MEMORY =
  /OOM when allocating|RESOURCE_EXHAUSTED|Invalid TF_Status: 8\b|Array buffer allocation failed/;
const SHAPE = /tensor with shape ?(\[[\d,]+\])/;

/** Turns an out-of-memory error of the engine or of Node.js into a QpruneError; other errors pass unchanged. */
export const memoryFailure = (error: unknown): unknown => {
  if (
    !(error instanceof Error) ||
    error instanceof QpruneError ||
    !OUT_OF_MEMORY.test(error.message)
  ) {
    return error;
  }
  const shape = SHAPE.exec(error.message)?.[1]?.replaceAll(",", ", ");
  const wanted = shape ? ` for a tensor of shape ${shape}` : "";
  return new QpruneError(`Out of memory: none was left${wanted}.`, {
    code: "out-of-memory",
    hint: "Use smaller batches or a narrower net, or close other programs. Files written so far are complete.",
    cause: error,
  });
};
