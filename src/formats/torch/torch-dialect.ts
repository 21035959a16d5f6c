import type { QpruneError } from "../../base/errors.js";
import type { GlobalRule, PickleDialect } from "../pickle/pickle-dialect.js";
import { isTuple, tupleOf } from "../pickle/pickle-value.js";
import { counter, defaultDict, orderedDict } from "../pickle/python-globals.js";
import { isHarmlessGlobal } from "./harmless-globals.js";
import { MAX_PICKLE_BYTES } from "./limits.js";
import { malformed } from "./malformed.js";
import {
  rebuildForeign,
  rebuildFromType,
  rebuildParameter,
  rebuildTensor,
  rebuildTypedTensor,
} from "./rebuild-tensor.js";
import { storageOf } from "./storage-of.js";
import { STORAGE_TYPES } from "./storage-types.js";
import type { StorageRef, TorchObject } from "./tensor-view.js";

type Refuse = (reason: string) => QpruneError;
type Rules = readonly (readonly [name: string, rule: GlobalRule<TorchObject>])[];

const tensorRules = (refuse: Refuse): Rules => [
  ["torch._utils._rebuild_tensor", rebuildTensor(refuse)],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor(refuse)],
  ["torch._utils._rebuild_tensor_v3", rebuildTypedTensor(refuse)],
  ["torch._utils._rebuild_parameter", rebuildParameter(refuse)],
  ["torch._utils._rebuild_parameter_with_state", rebuildParameter(refuse)],
  ["torch.nn.parameter.Parameter", rebuildParameter(refuse)],
  ["torch._utils._rebuild_device_tensor_from_cpu_tensor", rebuildParameter(refuse)],
  ["torch._utils._rebuild_device_tensor_from_numpy", rebuildForeign("a tensor of another device")],
  ["torch._utils._rebuild_sparse_tensor", rebuildForeign("a sparse tensor")],
  ["torch._utils._rebuild_sparse_csr_tensor", rebuildForeign("a sparse tensor")],
  ["torch._utils._rebuild_qtensor", rebuildForeign("a quantized tensor")],
  ["torch._utils._rebuild_nested_tensor", rebuildForeign("a nested tensor")],
  ["torch._utils._rebuild_meta_tensor_no_storage", rebuildForeign("a tensor without data (meta)")],
  ["torch._utils._rebuild_wrapper_subclass", rebuildForeign("a tensor of another class")],
];

/** torch.Size is a tuple. */
const sizeRule: GlobalRule<TorchObject> = {
  call: ([sides]) => (isTuple(sides) ? sides : tupleOf([])),
};

/**
 * The pickles of torch.save: state dicts with what surrounds them, of which what is neither plain data nor a
 * tensor becomes a placeholder. `checkStorage` is called with every storage that a pickle refers to and throws
 * where the file does not have it.
 */
export const torchDialect = (
  fileName: string,
  checkStorage: (storage: StorageRef) => void,
): PickleDialect<TorchObject> => {
  const refuse = (reason: string, isForeign?: boolean): QpruneError =>
    malformed(fileName, reason, { isForeign });
  const rules = new Map(tensorRules(refuse));
  return {
    purpose: "checkpoint",
    globals: new Map<string, GlobalRule<TorchObject>>([
      ["collections.OrderedDict", orderedDict(refuse)],
      ["collections.Counter", counter()],
      ["collections.defaultdict", defaultDict()],
      ["torch.Size", sizeRule],
      ["torch._tensor._rebuild_from_type_v2", rebuildFromType(rules, refuse)],
      ...rules,
      ...[...STORAGE_TYPES.keys()].map((name) => [name, {}] as const),
    ]),
    isHarmless: isHarmlessGlobal,
    persistent: (id) => storageOf(id, checkStorage, refuse),
    refuse,
    maxBytes: MAX_PICKLE_BYTES,
  };
};
