import { QpruneError } from "../../base/errors.js";

const DAMAGED = "Check that it is the right file and was copied completely, or save it again.";
const FOREIGN =
  "Save a state dict: torch.save(model.state_dict(), FILE). qprune runs no code that a file names.";

/** The error for bytes that are no checkpoint of torch.save; `isForeign`: they hold more than tensors and plain values. */
export const malformed = (
  fileName: string,
  reason: string,
  {
    isForeign = false,
    hint,
    cause,
  }: { isForeign?: boolean | undefined; hint?: string | undefined; cause?: unknown } = {},
): QpruneError =>
  new QpruneError(`${fileName} is not a valid PyTorch checkpoint: ${reason}.`, {
    hint: hint ?? (isForeign ? FOREIGN : DAMAGED),
    cause,
  });
