import { registerKernel } from "../../tensor/op.js";
import {
  type ConvGeometry,
  codedConv2d,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../tensor/ops/conv2d.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";

/** A 1x1 convolution without groups is a matrix product of positions by channels. */
const isMatrixProduct = (kernelShape: readonly number[], geometry: ConvGeometry): boolean =>
  kernelShape[0] === 1 &&
  kernelShape[1] === 1 &&
  geometry.stride === 1 &&
  geometry.pad === 0 &&
  geometry.groups === 1;

const rows = (x: Tensor4D): Tensor2D => tf.reshape(x, [-1, x.shape[3]]);
const matrix = (kernel: Tensor4D): Tensor2D =>
  tf.reshape(kernel, [kernel.shape[2], kernel.shape[3]]);

/**
 * Expresses symmetric padding as TensorFlow's SAME if that is equivalent, otherwise as VALID on a padded input. oneDNN's
 * kernels, the only ones with grouped gradients, support no explicit padding.
 */
const paddingOf = (
  kernelShape: readonly number[],
  { stride, pad }: ConvGeometry,
): { readonly padding: "SAME" | "VALID"; readonly padFirst: number } => {
  if (pad === 0) return { padding: "VALID", padFirst: 0 };
  const isSame = stride === 1 && kernelShape[0] === 2 * pad + 1 && kernelShape[1] === 2 * pad + 1;
  return isSame ? { padding: "SAME", padFirst: 0 } : { padding: "VALID", padFirst: pad };
};

const padded = (x: Tensor4D, by: number): Tensor4D =>
  by === 0
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [by, by],
        [by, by],
        [0, 0],
      ]);

/** Calls a function once and keeps its result. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * Registers the native kernels of grouped convolution. TensorFlow's gradients of Conv2D support grouped kernels only with
 * oneDNN; without it the reference implementation computes the gradients group by group.
 */
export const registerConvKernels = (backend: NativeBackend): void => {
  const { binding } = backend;
  const run = (op: string, stride: number, padding: string, inputs: Tensor[]): Tensor4D => {
    const attributes: OpAttribute[] = [
      { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      { name: "strides", type: binding.TF_ATTR_INT, value: [1, stride, stride, 1] },
      { name: "padding", type: binding.TF_ATTR_STRING, value: padding },
      { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
      { name: "dilations", type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
    ];
    return backend.executeSingleOutput(op, attributes, inputs) as Tensor4D;
  };
  // tf.matMul would run BatchMatMulV2, which is slower than the plain product.
  const product = (a: Tensor2D, b: Tensor2D, transposeA: boolean, transposeB: boolean): Tensor =>
    backend.executeSingleOutput(
      "MatMul",
      [
        { name: "transpose_a", type: binding.TF_ATTR_BOOL, value: transposeA },
        { name: "transpose_b", type: binding.TF_ATTR_BOOL, value: transposeB },
        { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      ],
      [a, b],
    );
  const shapeTensor = (shape: readonly number[]): Tensor => tf.tensor1d([...shape], "int32");
  const hasGroupedGradients = once(() =>
    tf.tidy(() => {
      try {
        const inputs = [shapeTensor([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), tf.ones([1, 1, 1, 2])];
        run("Conv2DBackpropInput", 1, "VALID", inputs);
        return true;
      } catch {
        return false;
      }
    }),
  );
  const needsReference = ({ groups }: ConvGeometry): boolean =>
    groups > 1 && !hasGroupedGradients();

  registerKernel(conv2d, (x, kernel, geometry) =>
    tf.tidy(() => {
      const [n, h, w] = x.shape;
      if (isMatrixProduct(kernel.shape, geometry)) {
        return tf.reshape(product(rows(x), matrix(kernel), false, false), [
          n,
          h,
          w,
          kernel.shape[3],
        ]);
      }
      const { padding, padFirst } = paddingOf(kernel.shape, geometry);
      return run("Conv2D", geometry.stride, padding, [padded(x, padFirst), kernel]);
    }),
  );
  const { int } = attributeMaker(backend);
  registerKernel(codedConv2d, (x, kernel, inputLevels, geometry) => {
    const { stride, pad, groups } = geometry;
    const attributes = [int("groups", groups), int("pad", pad), int("stride", stride)];
    const byteAttributes = [...attributes, int("input_levels", inputLevels)];
    const candidates: [string, OpAttribute[]][] = [["QpruneByteConv", byteAttributes]];
    if (inputLevels === 1) candidates.unshift(["QpruneTernaryConv", attributes]);
    for (const [op, opAttributes] of candidates) {
      const y = backend.executeSingleOutput(op, opAttributes, [x, kernel]) as Tensor4D;
      if (y.size > 0) return y;
      // An empty result: the processor lacks the instructions, or an operand is not on the expected grid.
      y.dispose();
    }
    return conv2d(x, kernel, geometry);
  });
  registerKernel(conv2dInputGradient, (dy, kernel, inputShape, geometry) =>
    tf.tidy(() => {
      if (needsReference(geometry)) {
        return conv2dInputGradient.plain(dy, kernel, inputShape, geometry);
      }
      if (isMatrixProduct(kernel.shape, geometry)) {
        return tf.reshape(product(rows(dy), matrix(kernel), false, true), inputShape);
      }
      const { padding, padFirst } = paddingOf(kernel.shape, geometry);
      const [n, h, w, c] = inputShape;
      const paddedShape = shapeTensor([n, h + 2 * padFirst, w + 2 * padFirst, c]);
      const dx = run("Conv2DBackpropInput", geometry.stride, padding, [paddedShape, kernel, dy]);
      return padFirst === 0 ? dx : tf.slice4d(dx, [0, padFirst, padFirst, 0], inputShape);
    }),
  );
  registerKernel(conv2dKernelGradient, (x, dy, kernelShape, geometry) =>
    tf.tidy(() => {
      if (needsReference(geometry)) {
        return conv2dKernelGradient.plain(x, dy, kernelShape, geometry);
      }
      if (isMatrixProduct(kernelShape, geometry)) {
        return tf.reshape(product(rows(x), rows(dy), true, false), kernelShape);
      }
      const { padding, padFirst } = paddingOf(kernelShape, geometry);
      const inputs = [padded(x, padFirst), shapeTensor(kernelShape), dy];
      return run("Conv2DBackpropFilter", geometry.stride, padding, inputs);
    }),
  );
};
