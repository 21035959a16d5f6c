import { type QpruneError, usageError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { isDict, isPlaceholder, shownGlobal } from "../pickle/pickle-value.js";
import { MAX_NAME_LENGTH } from "../safetensors/limits.js";
import {
  type Candidate,
  type Candidates,
  findCandidates,
  hasKernels,
  isExtraState,
  type TorchDict,
  valueAt,
} from "./find-candidates.js";
import { MAX_TENSORS } from "./limits.js";
import { malformed, PTH_KEYS } from "./pth-file.js";
import { isTorch, itemsOf, type TensorView, type TorchValue } from "./torch-value.js";

/** Keys of a dict that an error message lists. */
const MAX_SHOWN_KEYS = 8;

const WHOLE_MODEL =
  "Save its state dict: torch.save(model.state_dict(), FILE). Loading a whole model would run its program code, which qprune never does.";

const wholeModel = ({ path, className }: NonNullable<Candidates["module"]>): string => {
  const where = path === "" ? "it is" : `under ${quoted(path)} it contains`;
  return `${where} a whole model (${shownGlobal(className)}), not a dict of tensors`;
};

const foundInstead = (value: TorchValue): string => {
  if (isTorch(value, "tensor")) return `it contains one tensor of shape [${value.shape}]`;
  if (isTorch(value, "foreign tensor")) return `it contains one tensor, ${value.what}`;
  if (isPlaceholder(value)) return `it contains an object of ${shownGlobal(value.className)}`;
  const items = itemsOf(value);
  if (items) {
    const tensors = items.filter((item) => isTorch(item, "tensor")).length;
    return `it contains a list of ${items.length} values, ${tensors} of them tensors without names`;
  }
  if (!isDict(value)) return "it contains a plain value";
  const keys = [...value.entries.keys()].map((key) => quoted(String(key)));
  const more = keys.length > MAX_SHOWN_KEYS ? ", …" : "";
  return keys.length === 0
    ? "it contains an empty dict"
    : `it contains a dict with the keys ${keys.slice(0, MAX_SHOWN_KEYS).join(", ")}${more}`;
};

/** The error for a file without a dict of tensors; it describes the content found instead. */
const noStateDict = (value: TorchValue, { module }: Candidates, fileName: string): QpruneError => {
  const isForeign = true;
  if (module) return malformed(fileName, wholeModel(module), { isForeign, hint: WHOLE_MODEL });
  return malformed(fileName, `${foundInstead(value)}, and no dict of tensors`, { isForeign });
};

export interface FoundStateDict {
  readonly views: ReadonlyMap<string, TensorView>;
  /** The outermost dict; undefined if that is the state dict itself. */
  readonly wrapper: TorchDict | undefined;
}

export interface StateDictLocation {
  readonly fileName: string;
  /** The dotted path to the state dict, if the caller chose one. */
  readonly key?: string | undefined;
}

const nameProblem = (name: string | number): string | undefined => {
  if (typeof name === "number") return `a tensor's name is the number ${name}`;
  if (name.length <= MAX_NAME_LENGTH) return undefined;
  return `a tensor's name has ${name.length} characters (limit: ${MAX_NAME_LENGTH})`;
};

/** Why a value of a state dict is not a supported tensor. */
const valueProblem = (name: string, value: TorchValue): string => {
  if (isTorch(value, "foreign tensor"))
    return `${name} is ${value.what}, which qprune does not support`;
  const kind = isPlaceholder(value) ? ` (its class is ${shownGlobal(value.className)})` : "";
  return `${name} of its state dict is not a tensor${kind}`;
};

const FOREIGN_TENSOR_HINT =
  "Save the state dict of the float model, with dense tensors (tensor.to_dense(), tensor.dequantize()).";

const viewsOf = (
  { entries, hasOtherKeys }: TorchDict,
  fileName: string,
): ReadonlyMap<string, TensorView> => {
  if (entries.size > MAX_TENSORS) {
    throw malformed(fileName, `it contains ${entries.size} tensors (limit: ${MAX_TENSORS})`);
  }
  if (hasOtherKeys) throw malformed(fileName, "not every key of its state dict is a string");
  const views = new Map<string, TensorView>();
  for (const [name, value] of entries) {
    const problem = nameProblem(name);
    if (problem !== undefined) throw malformed(fileName, problem);
    if (isTorch(value, "tensor")) {
      views.set(String(name), value);
    } else if (!isExtraState(name)) {
      throw malformed(fileName, valueProblem(quoted(String(name)), value), {
        isForeign: true,
        hint: isTorch(value, "foreign tensor") ? FOREIGN_TENSOR_HINT : undefined,
      });
    }
  }
  return views;
};

const severalDicts = (candidates: readonly Candidate[], fileName: string) => {
  const names = candidates.map(({ path }) => quoted(path)).join(", ");
  return usageError(
    `${fileName} contains ${candidates.length} dicts of tensors: ${names}.`,
    "Choose one by its key.",
    { code: "several-state-dicts", details: { key: candidates[0]?.path ?? "" } },
  );
};

/** The only dict of tensors in a value. If there are several, only those with kernels count. */
const onlyDict = (value: TorchValue, { fileName }: StateDictLocation): TorchDict => {
  const found = findCandidates(value);
  const withKernels = found.dicts.filter(hasKernels);
  const candidates = withKernels.length > 0 ? withKernels : found.dicts;
  const [first, ...others] = candidates;
  if (others.length > 0) throw severalDicts(candidates, fileName);
  if (first) return first.dict;
  if (
    isDict(value) &&
    !found.module &&
    [...value.entries.values()].some(
      (each) => isTorch(each, "tensor") || isTorch(each, "foreign tensor"),
    )
  ) {
    // A state dict except for a value that is not a tensor; viewsOf names it in its error.
    return value;
  }
  throw noStateDict(value, found, fileName);
};

/** The value of the key `state_dict`, which the reference scripts use, if it is a dict of tensors. */
const usualDict = (root: TorchValue): TorchDict | undefined => {
  const inner = isDict(root) ? root.entries.get(PTH_KEYS.stateDict) : undefined;
  if (!isDict(inner)) return undefined;
  const values = [...inner.entries.values()];
  return values.length === 0 || values.some((value) => !isDict(value)) ? inner : undefined;
};

const dictAt = (root: TorchValue, key: string, location: StateDictLocation): TorchDict => {
  const value = valueAt(root, key);
  if (value !== undefined) return onlyDict(value, location);
  const { dicts } = findCandidates(root);
  const names = dicts.map(({ path }) => quoted(path || "(the file itself)")).join(", ");
  throw usageError(
    `${location.fileName} has nothing under the key ${quoted(key)}.`,
    names ? `Its dicts of tensors: ${names}.` : "It contains no dict of tensors at all.",
  );
};

/**
 * Finds the state dict of a file: at the path `key` if given; else under `state_dict`; else the only dict of tensors
 * at any depth. Optimizer states do not count, nor do dicts of single numbers and vectors next to one with kernels.
 * @throws QpruneError if there is none, if there are several (naming them), or if it contains anything but tensors.
 */
export const findStateDict = (root: TorchValue, location: StateDictLocation): FoundStateDict => {
  const { key, fileName } = location;
  const dict =
    key === undefined ? (usualDict(root) ?? onlyDict(root, location)) : dictAt(root, key, location);
  const wrapper = isDict(root) && root !== dict ? root : undefined;
  return { views: viewsOf(dict, fileName), wrapper };
};
