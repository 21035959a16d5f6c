import type { Padding, Pair } from "../../graph/window.js";
import { dimsOfValue, type OpCall } from "../operators/call.js";
import { run } from "../operators/operators.js";
import type { PlainAttributes } from "../operators/read-node.js";
import { integers, type Value } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";
import { onMaps } from "./maps.js";

/** A window in TensorFlow's terms. */
export interface Window {
  readonly stride: Pair;
  readonly dilation?: Pair;
  readonly padding: "same" | "valid" | Padding;
}

const PADDINGS = { same: "SAME_UPPER", valid: "VALID" } as const;

const windowAttributes = ({ stride, dilation, padding }: Window): PlainAttributes => ({
  strides: stride,
  ...(dilation && { dilations: dilation }),
  ...(typeof padding === "string" ? { auto_pad: PADDINGS[padding] } : { pads: padding }),
});

/** What a layer of weights is added with. */
interface LayerRequest {
  readonly x: Value;
  readonly kernel: Value;
  readonly bias?: Value | undefined;
  readonly name?: string;
  /** The names of its inputs: the value, its weights. */
  readonly inputNames?: readonly string[];
}

const naming = ({ name, inputNames }: LayerRequest) => ({
  ...(name !== undefined && { name }),
  ...(inputNames && { inputNames }),
});

const channelsOf = (x: Value): number => dimsOfValue(x).at(-1) ?? 0;

const checkMatrix = (kernel: Value, axes: number): readonly number[] => {
  const dims = dimsOfValue(kernel);
  if (dims.length === axes && kernel.kind === "constant") return dims;
  throw new Unsupported(
    `has weights of the shape [${dims}], which are not constants of ${axes} axes`,
  );
};

/** A convolution with the kernel [filters, channels / groups, rows, columns], as ONNX has it. */
export const convolve = (
  call: OpCall,
  request: LayerRequest & { readonly window: Window },
): Value => {
  const { x, kernel, bias, window } = request;
  const [, inputs = 1] = checkMatrix(kernel, 4);
  const groups = channelsOf(x) / inputs;
  if (!Number.isInteger(groups))
    throw new Unsupported(`needs ${inputs} channels in each group, but gets ${channelsOf(x)}`);
  const attributes = { ...windowAttributes(window), group: groups };
  return onMaps(call, "Conv", { inputs: [x, kernel, bias], attributes, ...naming(request) });
};

/** The borders that a transposed convolution cuts off, and what it adds at the end, for an output of a size. */
const cutBorders = (
  {
    side,
    kernel,
    stride,
    output,
  }: Readonly<Record<"side" | "kernel" | "stride" | "output", number>>,
  isSame: boolean,
): readonly [before: number, after: number, added: number] => {
  const extra = stride * (side - 1) + kernel - output;
  const before = isSame ? Math.floor(Math.max(extra, 0) / 2) : 0;
  return [before, Math.max(extra, 0) - before, Math.max(-extra, 0)];
};

/** The transpose of a convolution with the kernel [channels, filters, rows, columns], as ONNX has it, for maps of given sides. */
export const convolveTransposed = (
  call: OpCall,
  request: LayerRequest & {
    readonly stride: Pair;
    readonly padding: "same" | "valid";
    readonly sides: Pair;
  },
): Value => {
  const { x, kernel, bias, stride, padding, sides } = request;
  const [, , ...window] = checkMatrix(kernel, 4);
  const [, ...inputs] = dimsOfValue(x);
  const [down, across] = [0, 1].map((axis) =>
    cutBorders(
      {
        side: inputs[axis] ?? 0,
        kernel: window[axis] ?? 0,
        stride: stride[axis] as number,
        output: sides[axis] as number,
      },
      padding === "same",
    ),
  ) as [ReturnType<typeof cutBorders>, ReturnType<typeof cutBorders>];
  const attributes = {
    strides: stride,
    pads: [down[0], across[0], down[1], across[1]],
    output_padding: [down[2], across[2]],
  };
  return onMaps(call, "ConvTranspose", {
    inputs: [x, kernel, bias],
    attributes,
    ...naming(request),
  });
};

/** Channels as the pixels of blocks, with the channels of the output as the inner part of those of the input. */
export const depthToSpace = (call: OpCall, x: Value, blocksize: number): Value =>
  onMaps(call, "DepthToSpace", { inputs: [x], attributes: { blocksize, mode: "DCR" } });

/** A kernel with other axes in the order of ONNX. */
export const turned = (call: OpCall, kernel: Value, order: readonly number[]): Value => {
  checkMatrix(kernel, order.length);
  return run(call, "Transpose", { inputs: [kernel], attributes: { perm: order } });
};

/** The kernel of a depthwise convolution [rows, columns, channels, multiplier] in the order of ONNX. */
export const depthwiseKernel = (call: OpCall, kernel: Value): Value => {
  const [rows = 0, columns = 0, channels = 0, multiplier = 0] = checkMatrix(kernel, 4);
  const shape = integers([channels * multiplier, 1, rows, columns]);
  return run(call, "Reshape", { inputs: [turned(call, kernel, [2, 3, 0, 1]), shape] });
};

/** A dense layer with the matrix [inputs, outputs]. */
export const multiply = (
  call: OpCall,
  request: LayerRequest & { readonly isSwapped?: boolean },
): Value => {
  const { x, kernel, bias, isSwapped = false } = request;
  const attributes = { transB: Number(isSwapped) };
  return run(call, "Gemm", { inputs: [x, kernel, bias], attributes, ...naming(request) });
};

/** A pool of a window. */
export const pool = (
  call: OpCall,
  x: Value,
  {
    kernel,
    function: pooled,
    ...window
  }: Window & {
    readonly kernel: Pair;
    readonly function: "max" | "mean";
  },
): Value => {
  const attributes = { ...windowAttributes(window), kernel_shape: kernel };
  return onMaps(call, pooled === "max" ? "MaxPool" : "AveragePool", { inputs: [x], attributes });
};

/** The mean or maximum of each channel. */
export const poolGlobally = (
  call: OpCall,
  x: Value,
  {
    function: pooled,
    keepsMaps,
  }: { readonly function: "max" | "mean"; readonly keepsMaps: boolean },
): Value =>
  onMaps(call, pooled === "max" ? "ReduceMax" : "ReduceMean", {
    inputs: [x],
    attributes: { axes: [2, 3], keepdims: Number(keepsMaps) },
  });

/** Adds a border of a value: of rows and columns, and of channels. */
export const addBorder = (
  call: OpCall,
  x: Value,
  {
    padding,
    channels = [0, 0],
    value = 0,
  }: {
    readonly padding: Padding;
    readonly channels?: Pair;
    readonly value?: number;
  },
): Value => {
  const [top, left, bottom, right] = padding;
  const pads = [0, channels[0], top, left, 0, channels[1], bottom, right];
  return onMaps(call, "Pad", { inputs: [x], attributes: { pads, value } });
};

/** How a resize finds the pixels of its input. */
export interface Resizing {
  readonly height: number;
  readonly width: number;
  readonly method: "nearest" | "bilinear";
  readonly alignsCorners: boolean;
  readonly hasHalfPixelCenters: boolean;
}

/** Changes the sides of maps. */
export const resize = (call: OpCall, x: Value, resizing: Resizing): Value => {
  const { height, width, method, alignsCorners, hasHalfPixelCenters } = resizing;
  const [images = 1, rows = 1, columns = 1, channels = 1] = dimsOfValue(x);
  const isWhole = height % rows === 0 && width % columns === 0;
  const isLinear = method === "bilinear";
  if (isLinear && !alignsCorners && !hasHalfPixelCenters)
    throw new Unsupported("resizes without half-pixel centers");
  if (!isLinear && alignsCorners)
    throw new Unsupported("resizes to nearest pixels of aligned corners");
  if (!isLinear && hasHalfPixelCenters && !isWhole)
    throw new Unsupported("resizes to nearest half-pixel centers by a factor that is not whole");
  return onMaps(call, "Resize", {
    inputs: [x, undefined, undefined, integers([images, channels, height, width])],
    attributes: {
      mode: isLinear ? "linear" : "nearest",
      coordinate_transformation_mode: alignsCorners
        ? "align_corners"
        : isLinear
          ? "half_pixel"
          : "asymmetric",
      nearest_mode: "floor",
    },
  });
};
