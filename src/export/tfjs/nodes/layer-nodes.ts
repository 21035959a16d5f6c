import type { NodeOf } from "../../../graph/graph.js";
import type { WeightedNode } from "../../../graph/stored-form.js";
import type { Pair } from "../../../graph/window.js";
import { channelsOfNorm } from "../../../passes/norm-channels.js";
import {
  FLOAT,
  flagAttribute,
  type GraphNode,
  INT,
  intAttribute,
  intsAttribute,
  type TfGraphBuilder,
  textAttribute,
} from "../tf-graph.js";
import { kernelTensors, type LayerKernel, layerKernel } from "./kernel-tensors.js";
import { type Lowering, onlyInput, vectorOf } from "./lowering.js";
import { addPadding } from "./padding.js";
import { addScaleShift, normScaleShift, type ScaleShift, scaleShift } from "./scale-shift.js";

/** The scales of the filters, the bias and the norm after a layer as one scale and shift. */
const outputOf = (node: WeightedNode, { weight }: LayerKernel, lowering: Lowering): ScaleShift => {
  const filters = weight.shape[0] as number;
  const filterScale =
    weight.kind === "quantized" ? weight.scale : new Float32Array(filters).fill(1);
  const bias = vectorOf(lowering, node, "bias");
  const norm = lowering.norms.get(node.name);
  if (!norm) return scaleShift(filterScale, bias ?? null);
  const { scale, shift } = normScaleShift(channelsOfNorm(norm, lowering.weights), bias);
  const scaled = filterScale.map((value, filter) => value * (scale[filter] as number));
  return scaleShift(scaled, shift);
};

interface ConvInput {
  readonly x: string;
  readonly padding: "SAME" | "VALID";
}

const isOne = (pair: Pair): boolean => pair[0] === 1 && pair[1] === 1;

/** The padded input. At stride 1, padding by half an odd kernel on every side is TensorFlow's SAME. */
const padInput = (
  { builder }: Lowering,
  { kernel, stride, dilation, padding }: NodeOf<"conv">,
  name: string,
  x: string,
): ConvInput => {
  const isHalf = padding.every((border, at) => 2 * border === (kernel[at % 2] as number) - 1);
  const isPadded = padding.some((border) => border > 0);
  if (isHalf && isPadded && isOne(stride) && isOne(dilation)) return { x, padding: "SAME" };
  return { x: addPadding(builder, `${name}/padded`, x, { padding, value: 0 }), padding: "VALID" };
};

/** TensorFlow.js convolves with a stride or with a dilation, not with both; then every position is computed first. */
const isSliced = ({ stride, dilation }: NodeOf<"conv">): boolean =>
  !isOne(stride) && !isOne(dilation);

const geometry = (node: NodeOf<"conv">, { padding }: ConvInput): GraphNode["attr"] => {
  const stride = isSliced(node) ? [1, 1] : node.stride;
  return {
    T: FLOAT,
    strides: intsAttribute([1, ...stride, 1]),
    dilations: intsAttribute([1, ...node.dilation, 1]),
    padding: textAttribute(padding),
    data_format: textAttribute("NHWC"),
  };
};

/** A Conv2D per group of channels, with concatenated outputs. */
const addGroups = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  kernels: readonly string[],
  attr: GraphNode["attr"],
): string => {
  const split = `${name}/split`;
  builder.add("Split", split, [builder.ints("split_axis", [3], []), x], {
    T: FLOAT,
    num_split: intAttribute(kernels.length),
  });
  const outputs = kernels.map((kernel, group) =>
    // A node's name without an index refers to its first output.
    builder.add(
      "Conv2D",
      `${name}/group_${group}`,
      [group === 0 ? split : `${split}:${group}`, kernel],
      attr,
    ),
  );
  const axis = builder.ints("concat_axis", [3], []);
  return builder.add("ConcatV2", `${name}/conv`, [...outputs, axis], {
    T: FLOAT,
    Tidx: INT,
    N: intAttribute(kernels.length),
  });
};

/** Keeps every position that a stride reaches. */
const addSlice = (builder: TfGraphBuilder, name: string, x: string, [sy, sx]: Pair): string => {
  const whole = builder.ints("slice_whole", [0, 0, 0, 0]);
  const steps = builder.ints(`slice_${sy}_${sx}`, [1, sy, sx, 1]);
  const none = intAttribute(0);
  // Bits 0 to 3: begin and end of all four axes are ignored.
  const all = intAttribute(0b1111);
  return builder.add("StridedSlice", `${name}/sliced`, [x, whole, whole, steps], {
    T: FLOAT,
    Index: INT,
    begin_mask: all,
    end_mask: all,
    ellipsis_mask: none,
    new_axis_mask: none,
    shrink_axis_mask: none,
  });
};

export const lowerConv = (node: NodeOf<"conv">, lowering: Lowering): string => {
  const { builder } = lowering;
  const kernel = layerKernel(node, lowering);
  const { name, method } = kernel;
  const kernels = kernelTensors(kernel).map(builder.constant);
  const input = padInput(lowering, node, name, onlyInput(lowering, node).x);
  const attr = geometry(node, input);
  const op = method === "plain" ? "Conv2D" : "DepthwiseConv2dNative";
  const convolved =
    method === "groups"
      ? addGroups(builder, name, input.x, kernels, attr)
      : builder.add(op, `${name}/conv`, [input.x, ...kernels], attr);
  const kept = isSliced(node) ? addSlice(builder, name, convolved, node.stride) : convolved;
  return addScaleShift(builder, name, kept, outputOf(node, kernel, lowering));
};

export const lowerDense = (node: NodeOf<"dense">, lowering: Lowering): string => {
  const { builder } = lowering;
  const kernel = layerKernel(node, lowering);
  const matrices = kernelTensors(kernel).map(builder.constant);
  const { x } = onlyInput(lowering, node);
  const multiplied = builder.add("MatMul", `${kernel.name}/matmul`, [x, ...matrices], {
    T: FLOAT,
    transpose_a: flagAttribute(false),
    transpose_b: flagAttribute(false),
  });
  return addScaleShift(builder, kernel.name, multiplied, outputOf(node, kernel, lowering));
};
