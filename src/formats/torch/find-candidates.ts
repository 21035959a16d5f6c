import { isDict, isPlaceholder, type PickleDict } from "../pickle/pickle-value.js";
import { MAX_CANDIDATES, MAX_DEPTH } from "./limits.js";
import { isTorch, itemsOf, type TorchObject, type TorchValue } from "./torch-value.js";

export type TorchDict = PickleDict<TorchObject>;

/** A dict of tensors and its path in the file. */
export interface Candidate {
  /** Keys that lead to it, joined by dots; empty for the outermost dict. */
  readonly path: string;
  readonly dict: TorchDict;
}

export interface Candidates {
  readonly dicts: readonly Candidate[];
  /** The first pickled whole model, which is not a dict: its path and class. */
  readonly module: { readonly path: string; readonly className: string } | undefined;
}

interface Node {
  readonly value: TorchValue;
  readonly path: string;
  readonly depth: number;
}

/** Whether an item is the result of a module's get_extra_state, which is stored among its tensors and may be anything. */
export const isExtraState = (name: string | number): boolean =>
  typeof name === "string" && /(^|\.)_extra_state$/.test(name);

const isTensor = (value: TorchValue): boolean =>
  isTorch(value, "tensor") || isTorch(value, "foreign tensor");

const isStateDict = ({ entries, hasOtherKeys }: TorchDict): boolean => {
  if (hasOtherKeys) return false;
  let tensors = 0;
  for (const [name, value] of entries) {
    if (typeof name !== "string") return false;
    if (isTensor(value)) tensors++;
    else if (!isExtraState(name)) return false;
  }
  return tensors > 0;
};

/** An optimizer's state also contains tensors, with the shapes of the net's. */
const isOptimizer = ({ entries }: TorchDict): boolean =>
  entries.has("param_groups") && entries.has("state");

const NAMES_OPTIMIZER = /optim/i;

const childrenOf = (value: TorchValue): Iterable<readonly [string | number, TorchValue]> => {
  if (isDict(value)) return isOptimizer(value) ? [] : value.entries;
  return itemsOf(value)?.entries() ?? [];
};

const isContainer = (value: TorchValue): boolean =>
  isDict(value) || isPlaceholder(value) || itemsOf(value) !== undefined;

/**
 * Finds the dicts of tensors in a value, in the order of the file, each once however often it is referred to.
 * Optimizers' dicts and values nested deeper than MAX_DEPTH are skipped.
 */
export const findCandidates = (root: TorchValue): Candidates => {
  const dicts: Candidate[] = [];
  let module: Candidates["module"];
  const seen = new Set<TorchValue>([root]);
  const open: Node[] = [{ value: root, path: "", depth: 0 }];
  for (let next = open.pop(); next && dicts.length < MAX_CANDIDATES; next = open.pop()) {
    const { value, path, depth } = next;
    if (isPlaceholder(value) && value.isModule) module ??= { path, className: value.className };
    if (isDict(value) && isStateDict(value)) {
      dicts.push({ path, dict: value });
      continue;
    }
    if (depth === MAX_DEPTH) continue;
    const children: Node[] = [];
    for (const [key, child] of childrenOf(value)) {
      if (!isContainer(child) || seen.has(child) || NAMES_OPTIMIZER.test(String(key))) continue;
      seen.add(child);
      children.push({ value: child, path: path ? `${path}.${key}` : `${key}`, depth: depth + 1 });
    }
    for (const child of children.reverse()) open.push(child);
  }
  return { dicts, module };
};

/** Whether any tensor of a dict has at least two dimensions, as all kernels have. */
export const hasKernels = ({ dict }: Candidate): boolean =>
  [...dict.entries.values()].some((value) => isTorch(value, "tensor") && value.shape.length > 1);

/** A value on a dotted path, with the rest of the path. */
interface Step {
  readonly value: TorchValue;
  readonly rest: string;
}

const stepsFrom = ({ value, rest }: Step): Step[] => {
  const items = itemsOf(value);
  const parts = rest.split(".");
  // Keys may contain dots, so longer keys are tried first.
  return parts
    .map((_, index) => ({
      key: parts.slice(0, parts.length - index).join("."),
      rest: parts.slice(parts.length - index).join("."),
    }))
    .flatMap(({ key, rest: after }) => {
      const found = isDict(value)
        ? (value.entries.get(key) ?? value.entries.get(Number(key)))
        : items?.[Number(key)];
      return found === undefined ? [] : [{ value: found, rest: after }];
    });
};

/** The value at a dotted path of keys and list indices, such as `ema.0.module`; undefined if there is none. */
export const valueAt = (root: TorchValue, path: string): TorchValue | undefined => {
  const open: Step[] = [{ value: root, rest: path }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.rest === "") return next.value;
    open.push(...stepsFrom(next).reverse());
  }
  return undefined;
};
