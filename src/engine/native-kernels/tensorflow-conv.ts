import { type Padding, reachOf, samePadding, slide } from "../../base/sliding-window.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import type { Shape4D } from "../../tensor/ops/grouped-conv.js";
import { padMaps } from "../../tensor/pad-maps.js";
import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";

interface ConvPadding {
  readonly padding: "SAME" | "VALID";
  /** The padding of the input that a VALID convolution needs first. */
  readonly first: Padding;
}

/** Expresses padding as TensorFlow's SAME if that is equivalent, otherwise as VALID on padded maps. */
const paddingOf = (
  [, h, w]: Shape4D,
  [kh, kw]: readonly number[],
  { stride, padding, dilation }: ConvGeometry,
): ConvPadding => {
  if (Math.max(...padding) === 0) return { padding: "VALID", first: padding };
  const window = { kernel: [kh as number, kw as number], stride, padding, dilation } as const;
  const [rows, columns] = slide(h, w, window);
  const [top, left] = padding;
  const same = samePadding([h, w], window);
  const hasSameStart = top === same[0] && left === same[1];
  if (hasSameStart && rows === Math.ceil(h / stride[0]) && columns === Math.ceil(w / stride[1]))
    return { padding: "SAME", first: [0, 0, 0, 0] };
  // Rows and columns after the last window are not added.
  const lastRow = (rows - 1) * stride[0] + reachOf(window.kernel[0], dilation[0]);
  const lastColumn = (columns - 1) * stride[1] + reachOf(window.kernel[1], dilation[1]);
  const [bottom, right] = [Math.max(0, lastRow - h - top), Math.max(0, lastColumn - w - left)];
  return { padding: "VALID", first: [top, left, bottom, right] };
};

/** Whether TensorFlow's gradients need a padded copy: those of oneDNN support no explicit padding. */
export const needsPaddedCopy = (
  inputShape: Shape4D,
  kernelShape: readonly number[],
  geometry: ConvGeometry,
): boolean => Math.max(...paddingOf(inputShape, kernelShape, geometry).first) > 0;

/** TensorFlow's own convolution and its gradients. */
export const tensorFlowConv = (backend: NativeBackend) => {
  const { binding } = backend;
  const { ints } = attributeMaker(backend);
  const run = (
    op: string,
    { stride, dilation }: Pick<ConvGeometry, "stride" | "dilation">,
    padding: ConvPadding["padding"] | "EXPLICIT",
    inputs: Tensor[],
    more: OpAttribute[] = [],
  ): Tensor4D => {
    const attributes: OpAttribute[] = [
      { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      ints("strides", [1, ...stride, 1]),
      { name: "padding", type: binding.TF_ATTR_STRING, value: padding },
      { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
      ints("dilations", [1, ...dilation, 1]),
      ...more,
    ];
    return backend.executeSingleOutput(op, attributes, inputs) as Tensor4D;
  };
  const shapeTensor = (shape: readonly number[]): Tensor => tf.tensor1d([...shape], "int32");
  return {
    /** Whether gradients of grouped and dilated convolutions exist, which only oneDNN has. */
    hasAllGradients: (): boolean =>
      tf.tidy(() => {
        try {
          const inputs = [shapeTensor([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), tf.ones([1, 1, 1, 2])];
          run("Conv2DBackpropInput", { stride: [1, 1], dilation: [1, 1] }, "VALID", inputs);
          return true;
        } catch {
          return false;
        }
      }),
    forward: (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry): Tensor4D => {
      const { padding, first } = paddingOf(x.shape, kernel.shape, geometry);
      // At stride 1 explicit padding would sum in another order, which changes the last bits of existing nets.
      if (Math.max(...first) === 0 || Math.max(...geometry.stride) === 1)
        return run("Conv2D", geometry, padding, [padMaps(x, first), kernel]);
      const [top, left, bottom, right] = first;
      const explicit = ints("explicit_paddings", [0, 0, top, bottom, left, right, 0, 0]);
      return run("Conv2D", geometry, "EXPLICIT", [x, kernel], [explicit]);
    },
    inputGradient: (
      dy: Tensor4D,
      kernel: Tensor4D,
      inputShape: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D => {
      const { padding, first } = paddingOf(inputShape, kernel.shape, geometry);
      const [top, left, bottom, right] = first;
      const [n, h, w, c] = inputShape;
      const paddedShape = shapeTensor([n, h + top + bottom, w + left + right, c]);
      const dx = run("Conv2DBackpropInput", geometry, padding, [paddedShape, kernel, dy]);
      return Math.max(...first) === 0 ? dx : tf.slice4d(dx, [0, top, left, 0], inputShape);
    },
    kernelGradient: (
      x: Tensor4D,
      dy: Tensor4D,
      kernelShape: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D => {
      const { padding, first } = paddingOf(x.shape, kernelShape, geometry);
      const inputs = [padMaps(x, first), shapeTensor(kernelShape), dy];
      return run("Conv2DBackpropFilter", geometry, padding, inputs);
    },
  };
};
