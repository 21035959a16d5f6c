import { registerKernel } from "../../tensor/op.js";
import { codedConv2d, conv2d } from "../../tensor/ops/conv2d.js";
import { hasDepthwiseKernel } from "../../tensor/ops/depthwise-conv.js";
import { floatsOf, storeAs } from "../../tensor/ops/stored-maps.js";
import { AS_FLOATS, FLOAT32 } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { convAttributes } from "./conv-attributes.js";
import { storageAttribute } from "./storage-attributes.js";

/** Registers the convolutions of integer codes. */
export const registerCodedConvKernel = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);
  registerKernel(codedConv2d, (x, kernel, inputLevels, geometry, storage = AS_FLOATS) => {
    const { x: stored, y: output } = storage;
    const inFloats = (): Tensor4D =>
      tf.tidy(() => {
        const y = conv2d(floatsOf(x, stored), kernel, geometry);
        return output.kind === "float32" ? y : (storeAs(y, FLOAT32, output) as Tensor4D);
      });
    // A vector holds words of 4 to 32 input channels of 16 filters, of which a depthwise convolution would use one.
    if (hasDepthwiseKernel(kernel.shape, geometry.groups)) return inFloats();
    const attributes = [
      ...convAttributes(backend, geometry),
      storageAttribute(backend, "Ty", output),
    ];
    const byteAttributes = [...attributes, int("input_levels", inputLevels)];
    const candidates: [string, OpAttribute[]][] = [["QpruneByteConv", byteAttributes]];
    if (inputLevels === 1) candidates.unshift(["QpruneTernaryConv", attributes]);
    for (const [op, opAttributes] of candidates) {
      const y = backend.executeSingleOutput(op, opAttributes, [x, kernel]) as Tensor4D;
      if (y.size > 0) return y;
      // An empty result: the processor lacks the instructions, or an operand is not on the expected grid.
      y.dispose();
    }
    return inFloats();
  });
};
