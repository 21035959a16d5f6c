import type { Storage } from "../../tensor/storage.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { STORED_TYPES } from "../stored-tensors.js";
import { attributeMaker } from "./activation-attributes.js";

/** TensorFlow's type of values with a storage. */
const typeOf = ({ binding }: NativeBackend, storage: Storage): number => {
  switch (storage.kind) {
    case "float32":
      return binding.TF_FLOAT;
    case "bf16":
      return STORED_TYPES.bf16;
    case "codes":
      return storage.isSigned ? STORED_TYPES.signedCodes : binding.TF_UINT8;
  }
};

/** The type attribute of an output with a storage. */
export const storageAttribute = (
  backend: NativeBackend,
  name: string,
  storage: Storage,
): OpAttribute => ({
  name,
  type: backend.binding.TF_ATTR_TYPE,
  value: typeOf(backend, storage),
});

/** The levels of a storage if it holds codes; otherwise 1. */
export const storedLevels = (storage: Storage): number =>
  storage.kind === "codes" ? storage.levels : 1;

/** The attributes of an output y that may be stored as codes. */
export const outputAttributes = (backend: NativeBackend, y: Storage): OpAttribute[] => [
  storageAttribute(backend, "Ty", y),
  attributeMaker(backend).int("y_levels", storedLevels(y)),
];
