import { defineOp } from "../op.js";
import { asStored, FLOAT32, type Storage } from "../storage.js";
import { type Tensor, tf } from "../tf.js";

/** The values of x, which is stored as `from`, in another storage. */
export const storeAs = defineOp(
  "storeAs",
  (x: Tensor, _from: Storage, to: Storage): Tensor => tf.tidy(() => asStored(tf.clone(x), to)),
);

/** The values of x as floats; the caller owns the result and keeps x. */
export const floatsOf = <T extends Tensor>(x: T, storage: Storage): T =>
  (storage.kind === "float32" ? tf.clone(x) : storeAs(x, storage, FLOAT32)) as T;

/** a + b for values of one shape, neither of them stored as codes. */
export const addMaps = defineOp(
  "addMaps",
  (a: Tensor, b: Tensor, y: Storage): Tensor => tf.tidy(() => asStored(tf.add(a, b), y)),
);
