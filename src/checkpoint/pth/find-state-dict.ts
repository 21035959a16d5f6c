import { isDict, type PickleDict } from "../../formats/pickle/pickle-value.js";
import { MAX_NAME_LENGTH } from "../safetensors/limits.js";
import { MAX_TENSORS } from "./limits.js";
import { malformed } from "./malformed.js";
import { PTH_KEYS } from "./pth-file.js";
import type { TensorView, TorchObject } from "./tensor-view.js";
import { isTorch, type TorchValue } from "./torch-value.js";

export interface FoundStateDict {
  readonly views: ReadonlyMap<string, TensorView>;
  /** The dict around the state dict; undefined for a bare one. */
  readonly wrapper: PickleDict<TorchObject> | undefined;
}

const nameProblem = (name: string | number): string | undefined => {
  if (typeof name === "number") return `the number ${name} stands where a tensor's name must be`;
  if (name.length <= MAX_NAME_LENGTH) return undefined;
  return `a tensor's name has ${name.length} characters (limit: ${MAX_NAME_LENGTH})`;
};

const viewsOf = (
  { entries }: PickleDict<TorchObject>,
  fileName: string,
): ReadonlyMap<string, TensorView> => {
  if (entries.size > MAX_TENSORS) {
    throw malformed(fileName, `it holds ${entries.size} tensors (limit: ${MAX_TENSORS})`);
  }
  const views = new Map<string, TensorView>();
  for (const [name, value] of entries) {
    const problem = nameProblem(name);
    if (problem !== undefined) throw malformed(fileName, problem);
    if (!isTorch(value, "tensor")) {
      const shown = JSON.stringify(name);
      throw malformed(fileName, `${shown} of its state dict is no tensor`, { isForeign: true });
    }
    views.set(String(name), value);
  }
  return views;
};

/**
 * The state dict of a file: what stands under `state_dict`, as the original's scripts save it, else the
 * file's own dict.
 * @throws QpruneError where there is none, or where it holds anything but tensors.
 */
export const findStateDict = (root: TorchValue, fileName: string): FoundStateDict => {
  if (!isDict(root)) {
    throw malformed(fileName, "it holds no dict of tensors", { isForeign: true });
  }
  const inner = root.entries.get(PTH_KEYS.stateDict);
  if (!isDict(inner)) return { views: viewsOf(root, fileName), wrapper: undefined };
  return { views: viewsOf(inner, fileName), wrapper: root };
};
