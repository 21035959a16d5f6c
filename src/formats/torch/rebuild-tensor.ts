import { quoted } from "../../base/visible-text.js";
import type { GlobalRule, Refuse } from "../pickle/pickle-dialect.js";
import {
  isGlobal,
  isTuple,
  type PickleValue,
  shownGlobal,
  textOf,
} from "../pickle/pickle-value.js";
import { MAX_DIMS } from "../safetensors/limits.js";
import { DTYPE_BYTES } from "../safetensors/stored-tensor.js";
import {
  type ForeignTensor,
  isCount,
  isTorch,
  itemsOf,
  STORAGE_TYPES,
  type StorageRef,
  type TensorView,
  type TorchObject,
  type TorchValue,
  UNTYPED_DTYPES,
} from "./torch-value.js";

/** The part of a storage that a triple (key, first element, elements) refers to. */
const partOf = (storage: StorageRef, triple: TorchValue, refuse: Refuse): StorageRef => {
  const [, start, elements] = itemsOf(triple) ?? [];
  if (isCount(start) && isCount(elements) && start + elements <= storage.elements) {
    return { ...storage, start, elements };
  }
  throw refuse(`a view of storage ${quoted(storage.key)} exceeds it`);
};

/**
 * Resolves a persistent id of a pickle: ("storage", class, key, device, elements), with a trailing view in old
 * files, or ("module", class, …), with which old files store the source code of a whole model next to its class.
 * `check` throws if the file lacks the storage.
 */
export const storageOf = (
  id: TorchValue,
  check: (storage: StorageRef) => void,
  refuse: Refuse,
): TorchValue => {
  const [what, typeValue, keyValue, , elements, view] = itemsOf(id) ?? [];
  if (textOf(what) === "module" && isGlobal(typeValue)) return typeValue;
  const key = textOf(keyValue);
  const type = isGlobal(typeValue) ? STORAGE_TYPES.get(typeValue.name) : undefined;
  if (textOf(what) !== "storage" || !type || key === undefined || !isCount(elements)) {
    throw refuse("its pickle refers to data other than a storage of numbers");
  }
  const storage: StorageRef = { kind: "storage", key, type, elements, start: 0 };
  check(storage);
  return view === undefined || view === null ? storage : partOf(storage, view, refuse);
};

type Rule = GlobalRule<TorchObject>;

const countsOf = (value: TorchValue | undefined, refuse: Refuse): readonly number[] => {
  if (isTuple(value) && value.items.length <= MAX_DIMS && value.items.every(isCount)) {
    return value.items as readonly number[];
  }
  throw refuse(
    `the shape or strides of a tensor are not a tuple of at most ${MAX_DIMS} non-negative integers`,
  );
};

/** Index after the last element that a view reads; undefined if it is not a safe integer (CWE-190). */
const endOf = ({ shape, strides, offset }: TensorView): number | undefined => {
  if (shape.includes(0)) return offset;
  const last = shape.reduce(
    (sum, side, index) => sum + (side - 1) * (strides[index] as number),
    offset,
  );
  return Number.isSafeInteger(last + 1) ? last + 1 : undefined;
};

const foreign = (what: string): ForeignTensor => ({ kind: "foreign tensor", what });

const viewOf = (
  storage: StorageRef,
  [offset, shapeValue, stridesValue]: readonly (TorchValue | undefined)[],
  refuse: Refuse,
): TensorView | ForeignTensor => {
  if (!isCount(offset)) throw refuse("a tensor has no valid offset in its storage");
  const { dtype, shown } = storage.type;
  if (dtype === undefined) return foreign(`a tensor of ${shown}`);
  const [shape, strides] = [countsOf(shapeValue, refuse), countsOf(stridesValue, refuse)];
  if (shape.length !== strides.length) {
    throw refuse(`a tensor of shape [${shape}] has strides [${strides}]`);
  }
  const view: TensorView = { kind: "tensor", dtype, storage, shape, strides, offset };
  // A view beyond its storage would read other tensors' bytes (CWE-125).
  const end = endOf(view);
  if (end === undefined || end > storage.elements) {
    throw refuse(
      `a tensor of shape [${shape}] with strides [${strides}] from element ${offset} exceeds its storage of ${storage.elements} elements`,
    );
  }
  return view;
};

/** torch._utils._rebuild_tensor and _rebuild_tensor_v2: a tensor as a view of its storage. */
export const rebuildTensor = (refuse: Refuse): Rule => ({
  // Further arguments (requires_grad, hooks) are not needed.
  call: ([storage, ...geometry]) => {
    if (!isTorch(storage, "storage")) throw refuse("a tensor has no storage");
    return viewOf(storage, geometry, refuse);
  },
});

/** torch._utils._rebuild_tensor_v3: the same for a byte storage, with the element type as an argument. */
export const rebuildTypedTensor = (refuse: Refuse): Rule => ({
  call: ([storage, offset, shape, strides, , , type]) => {
    if (!isTorch(storage, "storage") || storage.type.dtype !== "U8" || !isGlobal(type)) {
      throw refuse("a tensor has no byte storage, or no type");
    }
    const dtype = UNTYPED_DTYPES.get(type.name);
    const shown = shownGlobal(type.name).replace("torch.", "");
    if (dtype === undefined) return foreign(`a tensor of ${shown}`);
    const elementBytes = DTYPE_BYTES[dtype];
    const typed: StorageRef = {
      ...storage,
      type: { shown, elementBytes, dtype },
      elements: Math.floor(storage.elements / elementBytes),
      start: storage.start / elementBytes,
    };
    if (!Number.isInteger(typed.start)) throw refuse("a tensor begins in the middle of an element");
    return viewOf(typed, [offset, shape, strides], refuse);
  },
});

/** torch._utils._rebuild_parameter, its variant with attributes, and torch.nn.Parameter itself. */
export const rebuildParameter = (refuse: Refuse): Rule => ({
  call: ([data]) => {
    if (isTorch(data, "tensor") || isTorch(data, "foreign tensor")) return data;
    throw refuse("a parameter is created from a value that is not a tensor");
  },
});

/** A rule for tensors of an unsupported kind. */
export const rebuildForeign = (what: string): Rule => ({ call: () => foreign(what) });

/**
 * torch._tensor._rebuild_from_type_v2: a tensor with attributes or of a subclass, rebuilt by one of the other
 * functions.
 */
export const rebuildFromType = (rules: ReadonlyMap<string, Rule>, refuse: Refuse): Rule => ({
  call: ([func, , args]: readonly PickleValue<TorchObject>[], spend) => {
    const rule = isGlobal(func) ? rules.get(func.name) : undefined;
    if (!isTuple(args) || !isGlobal(func)) throw refuse("a tensor is not rebuilt from arguments");
    return rule?.call
      ? rule.call(args.items, spend)
      : foreign(`a tensor of ${shownGlobal(func.name)}`);
  },
});
