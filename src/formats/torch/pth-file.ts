import { QpruneError } from "../../base/errors.js";
import type { StoredTensor } from "../safetensors/stored-tensor.js";

/** What a file of torch.save holds, as far as a net has a use for it. */
export interface PthFile {
  /** The state dict, in its order, under the names that it has in the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The widths that the original's scripts keep beside a state dict. */
  readonly cfg?: readonly number[] | undefined;
  /** Percent of the test images, as the original's scripts keep it; absent where nothing was tested (0). */
  readonly bestAccuracy?: number | undefined;
  /** What qprune wrote under its own key: the texts that a safetensors file has as metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The keys of a file's outermost dict. */
export const PTH_KEYS = {
  cfg: "cfg",
  bestAccuracy: "best_acc",
  stateDict: "state_dict",
  metadata: "qprune",
} as const;

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

const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/** True for bytes that begin as a zip archive does. */
export const isZip = (start: Uint8Array): boolean =>
  ZIP_START.every((byte, at) => start[at] === byte);
