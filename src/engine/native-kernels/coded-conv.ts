import { registerKernel } from "../../tensor/op.js";
import { codedConv2dActivate } from "../../tensor/ops/coded-conv-activate.js";
import { type ConvGeometry, codedConv2d, conv2d } from "../../tensor/ops/conv2d.js";
import { hasDepthwiseKernel } from "../../tensor/ops/depthwise-conv.js";
import { affineActivate } from "../../tensor/ops/norm-activate.js";
import { floatsOf, storeAs } from "../../tensor/ops/stored-maps.js";
import { AS_FLOATS, FLOAT32, type MapStorage } from "../../tensor/storage.js";
import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker, tailAttributes } from "./activation-attributes.js";
import { convAttributes } from "./conv-attributes.js";
import { outputAttributes, storageAttribute } from "./storage-attributes.js";

/** Registers the convolutions of integer codes. */
export const registerCodedConvKernel = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);

  /** What the first op that takes the operands gives; undefined if none does. `suffix` ends the names of the ops. */
  const fromCodes = (
    [suffix, attributes]: readonly [string, readonly OpAttribute[]],
    inputs: readonly [x: Tensor4D, kernel: Tensor4D, ...Tensor[]],
    inputLevels: number,
    geometry: ConvGeometry,
  ): Tensor4D | undefined => {
    // A vector holds words of 4 to 32 input channels of 16 filters, of which a depthwise convolution would use one.
    if (hasDepthwiseKernel(inputs[1].shape, geometry.groups)) return undefined;
    const shared = [...convAttributes(backend, geometry), ...attributes];
    const candidates: [string, OpAttribute[]][] = [
      ["QpruneByteConv", [...shared, int("input_levels", inputLevels)]],
    ];
    if (inputLevels === 1) candidates.unshift(["QpruneTernaryConv", shared]);
    for (const [op, opAttributes] of candidates) {
      const y = backend.executeSingleOutput(op + suffix, opAttributes, [...inputs]) as Tensor4D;
      if (y.size > 0) return y;
      // An empty result: the processor lacks the instructions, or an operand is not on the expected grid.
      y.dispose();
    }
    return undefined;
  };

  /** The convolution in floats. */
  const fromFloats = (
    x: Tensor4D,
    kernel: Tensor4D,
    geometry: ConvGeometry,
    storage: MapStorage,
  ): Tensor4D => {
    const y = conv2d(floatsOf(x, storage.x), kernel, geometry);
    return storage.y.kind === "float32" ? y : (storeAs(y, FLOAT32, storage.y) as Tensor4D);
  };

  registerKernel(
    codedConv2d,
    (x, kernel, inputLevels, geometry, storage = AS_FLOATS) =>
      fromCodes(
        ["", [storageAttribute(backend, "Ty", storage.y)]],
        [x, kernel],
        inputLevels,
        geometry,
      ) ?? tf.tidy(() => fromFloats(x, kernel, geometry, storage)),
  );
  registerKernel(codedConv2dActivate, (x, kernel, inputLevels, geometry, affine, tail, storage) => {
    const { center, scale, shift } = affine;
    return (
      fromCodes(
        ["Activate", [...tailAttributes(backend, tail), ...outputAttributes(backend, storage.y)]],
        [x, kernel, center, scale, shift],
        inputLevels,
        geometry,
      ) ??
      tf.tidy(() => {
        const sums = fromFloats(x, kernel, geometry, { x: storage.x, y: FLOAT32 });
        return affineActivate(sums, affine, tail, null, storage.y);
      })
    );
  });
};
