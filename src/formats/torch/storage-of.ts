import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { isGlobal, textOf } from "../pickle/pickle-value.js";
import { STORAGE_TYPES } from "./storage-types.js";
import type { StorageRef } from "./tensor-view.js";
import { isCount, itemsOf, type TorchValue } from "./torch-value.js";

type Refuse = (reason: string) => QpruneError;

/** The part of a storage that a triple of (key, first element, elements) names. */
const partOf = (storage: StorageRef, triple: TorchValue, refuse: Refuse): StorageRef => {
  const [, start, elements] = itemsOf(triple) ?? [];
  if (isCount(start) && isCount(elements) && start + elements <= storage.elements) {
    return { ...storage, start, elements };
  }
  throw refuse(`a view of storage ${quoted(storage.key)} does not fit into it`);
};

/**
 * What a pickle's persistent id stands for: ("storage", class, key, device, elements), in old files with a
 * view after it, or ("module", class, …), by which old files keep the source of a whole model beside its class.
 * `check` throws where the file does not have the storage.
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
    throw refuse("its pickle refers to data that are no storage of numbers");
  }
  const storage: StorageRef = { kind: "storage", key, type, elements, start: 0 };
  check(storage);
  return view === undefined || view === null ? storage : partOf(storage, view, refuse);
};
