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
