import { registerKernel } from "../../tensor/op.js";
import { matrixProduct } from "../../tensor/ops/matrix-product.js";
import type { Tensor2D } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";

/** Registers TensorFlow's plain matrix product. tf.matMul would run BatchMatMulV2, which is slower. */
export const registerMatrixKernel = (backend: NativeBackend): void => {
  const { binding } = backend;
  const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL, value });
  registerKernel(matrixProduct, (a, b, transposed) => {
    const attributes = [
      flag("transpose_a", transposed.a === true),
      flag("transpose_b", transposed.b === true),
      { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    ];
    return backend.executeSingleOutput("MatMul", attributes, [a, b]) as Tensor2D;
  });
};
