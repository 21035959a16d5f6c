import { QpruneError } from "../../base/errors.js";
import type { StoredTensor } from "../safetensors/stored-tensor.js";

/** Content of a file written by torch.save, as far as it concerns a net. */
export interface PthFile {
  /** The state dict, in the order and under the names of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Widths that the reference scripts store next to the state dict. */
  readonly cfg?: readonly number[] | undefined;
  /** Test accuracy in percent, as the reference scripts store it; absent if nothing was tested (0). */
  readonly bestAccuracy?: number | undefined;
  /** The metadata that qprune writes under a key of its own; safetensors files have the same. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Keys of the outermost dict. */
export const PTH_KEYS = {
  cfg: "cfg",
  bestAccuracy: "best_acc",
  stateDict: "state_dict",
  metadata: "qprune",
} as const;

const DAMAGED = "Check that it is the right file and was copied completely, or save it again.";
const FOREIGN =
  "Save a state dict: torch.save(model.state_dict(), FILE). qprune runs no code that a file names.";

/**
 * The error for bytes that are not a checkpoint written by torch.save; `isForeign`: they contain more than tensors
 * and plain values.
 */
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

const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/** Whether bytes begin like a zip archive. */
export const isZip = (start: Uint8Array): boolean =>
  ZIP_START.every((byte, index) => start[index] === byte);
