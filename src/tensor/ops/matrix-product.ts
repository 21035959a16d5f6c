import { defineOp } from "../op.js";
import { type Tensor2D, tf } from "../tf.js";

/** Which factors of a product are transposed first. */
export interface Transposed {
  readonly a?: true;
  readonly b?: true;
}

/** The matrix product of a and b: [m, k] by [k, n] -> [m, n], after transposing. */
export const matrixProduct = defineOp(
  "matrixProduct",
  (a: Tensor2D, b: Tensor2D, transposed: Transposed): Tensor2D =>
    tf.matMul(a, b, transposed.a === true, transposed.b === true),
);
