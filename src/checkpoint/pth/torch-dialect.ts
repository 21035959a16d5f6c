import type { QpruneError } from "../../core/errors.js";
import type { GlobalRule, PickleDialect } from "../../formats/pickle/pickle-dialect.js";
import { orderedDict } from "../../formats/pickle/python-globals.js";
import { MAX_PICKLE_BYTES } from "./limits.js";
import { malformed } from "./malformed.js";
import { rebuildParameter, rebuildTensor } from "./rebuild-tensor.js";
import { STORAGE_DTYPES } from "./storage-dtypes.js";
import { storageOf } from "./storage-of.js";
import type { StorageRef, TorchObject } from "./tensor-view.js";

/**
 * The pickles of torch.save: state dicts with what surrounds them. `checkStorage` is called with every
 * storage that a pickle refers to and throws where the file does not have it.
 */
export const torchDialect = (
  fileName: string,
  checkStorage: (storage: StorageRef) => void,
): PickleDialect<TorchObject> => {
  const refuse = (reason: string, isForeign?: boolean): QpruneError =>
    malformed(fileName, reason, { isForeign });
  return {
    purpose: "checkpoint",
    globals: new Map<string, GlobalRule<TorchObject>>([
      ["collections.OrderedDict", orderedDict(refuse)],
      ["torch._utils._rebuild_tensor_v2", rebuildTensor(refuse)],
      ["torch._utils._rebuild_parameter", rebuildParameter(refuse)],
      ...[...STORAGE_DTYPES.keys()].map((name) => [name, {}] as const),
    ]),
    persistent: (id) => storageOf(id, checkStorage, refuse),
    refuse,
    maxBytes: MAX_PICKLE_BYTES,
  };
};
