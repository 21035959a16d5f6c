import { createHash } from "node:crypto";
import type { StateDict } from "./net-state.js";

/** SHA-256 of a state dict's names, shapes and bytes; it does not depend on the file format. */
export const stateDigest = (state: StateDict): string => {
  const hash = createHash("sha256");
  for (const name of [...state.keys()].sort()) {
    const tensor = state.get(name);
    hash.update(`${name} ${tensor?.dtype} ${tensor?.shape}\n`);
    if (tensor) hash.update(tensor.data);
  }
  return hash.digest("hex");
};
