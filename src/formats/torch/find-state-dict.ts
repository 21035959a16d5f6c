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

/** Keys of a dict that are named. */
const MOST_KEYS = 8;

const WHOLE_MODEL =
  "Save its state dict: torch.save(model.state_dict(), FILE). A whole model is a pickle of its program, which qprune does not run.";

const wholeModel = ({ path, className }: NonNullable<Candidates["module"]>): string => {
  const where = path === "" ? "it is" : `under ${quoted(path)} it holds`;
  return `${where} a whole model (${shownGlobal(className)}), not a dict of tensors`;
};

const foundInstead = (value: TorchValue): string => {
  if (isTorch(value, "tensor")) return `it holds one tensor of shape [${value.shape}]`;
  if (isTorch(value, "foreign tensor")) return `it holds one tensor, ${value.what}`;
  if (isPlaceholder(value)) return `it holds an object of ${shownGlobal(value.className)}`;
  const items = itemsOf(value);
  if (items) {
    const tensors = items.filter((item) => isTorch(item, "tensor")).length;
    return `it holds a list of ${items.length} values, ${tensors} of them tensors without names`;
  }
  if (!isDict(value)) return "it holds a plain value";
  const keys = [...value.entries.keys()].map((key) => quoted(String(key)));
  const more = keys.length > MOST_KEYS ? ", …" : "";
  return keys.length === 0
    ? "it holds an empty dict"
    : `it holds a dict with the keys ${keys.slice(0, MOST_KEYS).join(", ")}${more}`;
};

/** The error for a file without a dict of tensors, saying what it holds. */
export const noStateDict = (
  value: TorchValue,
  { module }: Candidates,
  fileName: string,
): QpruneError => {
  const isForeign = true;
  if (module) return malformed(fileName, wholeModel(module), { isForeign, hint: WHOLE_MODEL });
  return malformed(fileName, `${foundInstead(value)}, and no dict of tensors`, { isForeign });
};

export interface FoundStateDict {
  readonly views: ReadonlyMap<string, TensorView>;
  /** The outermost dict; undefined where the state dict itself is it. */
  readonly wrapper: TorchDict | undefined;
}

export interface StateDictPlace {
  readonly fileName: string;
  /** The dotted path to the state dict, where the user gave one. */
  readonly key?: string | undefined;
}

const nameProblem = (name: string | number): string | undefined => {
  if (typeof name === "number") return `it has the number ${name} as the name of a tensor`;
  if (name.length <= MAX_NAME_LENGTH) return undefined;
  return `a tensor's name has ${name.length} characters (limit: ${MAX_NAME_LENGTH})`;
};

/** Why a value of a state dict is no tensor that is read. */
const valueProblem = (name: string, value: TorchValue): string => {
  if (isTorch(value, "foreign tensor"))
    return `${name} is ${value.what}, which qprune does not read`;
  const kind = isPlaceholder(value) ? ` (it is of ${shownGlobal(value.className)})` : "";
  return `${name} of its state dict is no tensor${kind}`;
};

const FOREIGN_TENSOR_HINT =
  "Save the state dict of the float model, with dense tensors (tensor.to_dense(), tensor.dequantize()).";

const viewsOf = (
  { entries, hasOtherKeys }: TorchDict,
  fileName: string,
): ReadonlyMap<string, TensorView> => {
  if (entries.size > MAX_TENSORS) {
    throw malformed(fileName, `it holds ${entries.size} tensors (limit: ${MAX_TENSORS})`);
  }
  if (hasOtherKeys) throw malformed(fileName, "not every key of its state dict is a text");
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

const PLAIN_KEY = /^[\w.-]+$/;

/** A key as it is typed. */
const shownKey = (path: string): string => (PLAIN_KEY.test(path) ? path : quoted(path));

const severalDicts = (candidates: readonly Candidate[], fileName: string) => {
  const names = candidates.map(({ path }) => quoted(path)).join(", ");
  return usageError(
    `${fileName} holds ${candidates.length} dicts of tensors: ${names}.`,
    `Choose one with --key, as in --key ${shownKey(candidates[0]?.path ?? "")}.`,
  );
};

/** The one dict of tensors in a value; of several, those with kernels count. */
const onlyDict = (value: TorchValue, { fileName }: StateDictPlace): TorchDict => {
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
    // It is one, but for what is no tensor; that is named when it is read.
    return value;
  }
  throw noStateDict(value, found, fileName);
};

/** What stands under `state_dict`, as the reference scripts save it, where it is a dict of tensors. */
const usualDict = (root: TorchValue): TorchDict | undefined => {
  const inner = isDict(root) ? root.entries.get(PTH_KEYS.stateDict) : undefined;
  if (!isDict(inner)) return undefined;
  const values = [...inner.entries.values()];
  return values.length === 0 || values.some((value) => !isDict(value)) ? inner : undefined;
};

const dictAt = (root: TorchValue, key: string, place: StateDictPlace): TorchDict => {
  const value = valueAt(root, key);
  if (value !== undefined) return onlyDict(value, place);
  const { dicts } = findCandidates(root);
  const names = dicts.map(({ path }) => quoted(path || "(the file itself)")).join(", ");
  throw usageError(
    `${place.fileName} has nothing under the key ${quoted(key)}.`,
    names ? `Its dicts of tensors: ${names}.` : "It holds no dict of tensors at all.",
  );
};

/**
 * The state dict of a file: what `key` leads to; else what stands under `state_dict`; else the only dict of
 * tensors in the file, however deep. Optimizers' states do not count, nor dicts of single numbers and vectors
 * beside one with kernels.
 * @throws QpruneError where there is none, where there are several (naming them), or where it holds anything but
 * tensors.
 */
export const findStateDict = (root: TorchValue, place: StateDictPlace): FoundStateDict => {
  const { key, fileName } = place;
  const dict =
    key === undefined ? (usualDict(root) ?? onlyDict(root, place)) : dictAt(root, key, place);
  const wrapper = isDict(root) && root !== dict ? root : undefined;
  return { views: viewsOf(dict, fileName), wrapper };
};
