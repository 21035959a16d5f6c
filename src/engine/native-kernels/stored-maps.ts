import { registerKernel } from "../../tensor/op.js";
import { addMaps, storeAs } from "../../tensor/ops/stored-maps.js";
import type { NativeBackend } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { storageAttribute, storedLevels } from "./storage-attributes.js";

/** Registers the native kernels of sums and copies of values in any storage. */
export const registerStoredMapKernels = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);
  registerKernel(storeAs, (x, from, to) => {
    const levels = storedLevels(from.kind === "codes" ? from : to);
    const attributes = [storageAttribute(backend, "Ty", to), int("levels", levels)];
    return backend.executeSingleOutput("QpruneStoreAs", attributes, [x]);
  });
  registerKernel(addMaps, (a, b, y) =>
    backend.executeSingleOutput("QpruneAdd", [storageAttribute(backend, "Ty", y)], [a, b]),
  );
};
