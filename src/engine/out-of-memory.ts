import { QpruneError } from "../base/errors.js";

/** How TensorFlow, its ops and Node.js say that no memory was left. */
const SAID =
  /OOM when allocating|RESOURCE_EXHAUSTED|Invalid TF_Status: 8\b|Array buffer allocation failed/;
const SHAPE = /tensor with shape ?(\[[\d,]+\])/;

/** An error of the engine or of Node.js that says that memory ran out, as one to be read; others pass unchanged. */
export const memoryFailure = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof QpruneError || !SAID.test(error.message)) {
    return error;
  }
  const shape = SHAPE.exec(error.message)?.[1]?.replaceAll(",", ", ");
  const wanted = shape ? ` for a tensor of shape ${shape}` : "";
  return new QpruneError(`The memory ran out: none was left${wanted}.`, {
    hint: "Use smaller batches (--train_batch_size, --eval_batch_size) or a narrower net (--width), or close other programs. Files written so far are whole.",
    cause: error,
  });
};
