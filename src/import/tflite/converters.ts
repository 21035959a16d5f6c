import { FUSED_FUNCTIONS, PADDINGS } from "../../formats/tflite/schema.js";
import type { Padding, Pair } from "../../graph/window.js";
import { activate } from "../channels-last/activations.js";
import type { DilationDialect } from "../channels-last/dilated-convs.js";
import {
  convolve,
  convolveTransposed,
  depthToSpace,
  multiply,
  pool,
  turned,
  type Window,
} from "../channels-last/layers.js";
import { arithmetic, asFirst, asLast, firstAxis } from "../channels-last/maps.js";
import { intsOf } from "../operators/axes.js";
import {
  type Convert,
  constantInput,
  dimsOfValue,
  inputOf,
  type OpCall,
} from "../operators/call.js";
import { operatorsOf, run } from "../operators/operators.js";
import type { ReadNode } from "../operators/read-node.js";
import { integers, type Value } from "../operators/value.js";
import {
  convertClip01,
  convertExpandDims,
  convertFunction,
  convertIdentity,
  convertLeakyRelu,
  convertPack,
  convertPad,
  convertPrelu,
  convertReduction,
  convertReshape,
  convertResize,
  convertRsqrt,
  convertShape,
  convertSlice,
  convertSplit,
  convertSplitV,
  convertSqueeze,
  convertStridedSlice,
  convertSum,
  convertTranspose,
  convertUnary,
} from "../tensorflow/value-ops.js";
import { Unsupported } from "../unsupported.js";

/** The function that an operator applies to its result. */
const fused = (call: OpCall, value: Value): Value => {
  const name = FUSED_FUNCTIONS[call.node.int("fused", 0)] ?? "unknown";
  return name === "none" ? value : activate(call, value, name);
};

const windowOf = (node: ReadNode): Window => ({
  stride: [node.int("strideRows", 1), node.int("strideColumns", 1)],
  dilation: [node.int("dilationRows", 1), node.int("dilationColumns", 1)],
  padding:
    // Only what takes the place of several operators has borders.
    (node.ints("borders") as Padding | undefined) ?? PADDINGS[node.int("padding", 0)] ?? "valid",
});

/** Dilated convolutions of three operators. */
export const DILATION: DilationDialect = {
  before: "SPACE_TO_BATCH_ND",
  after: "BATCH_TO_SPACE_ND",
  convs: new Set(["CONV_2D", "DEPTHWISE_CONV_2D"]),
  isPlain: (conv) =>
    PADDINGS[conv.int("padding", 0)] === "valid" &&
    ["strideRows", "strideColumns", "dilationRows", "dilationColumns"].every(
      (name) => conv.int(name, 1) === 1,
    ),
  attributesOf: (conv, { dilation: [rows, columns], padding }) => ({
    fused: conv.int("fused", 0),
    dilationRows: rows,
    dilationColumns: columns,
    borders: padding,
  }),
};

/** The weights are [filters, rows, columns, channels]. */
const conv2d: Convert = (call) => {
  const kernel = turned(call, inputOf(call, 1), [0, 3, 1, 2]);
  const window = windowOf(call.node);
  return [
    fused(call, convolve(call, { x: inputOf(call, 0), kernel, bias: call.inputs[2], window })),
  ];
};

/** Inputs: the shape of the output, the weights [filters, rows, columns, channels], the value, and a bias in newer files. */
const transposeConv: Convert = (call) => {
  const { node } = call;
  const [, height = 0, width = 0] = intsOf(constantInput(call, 0)) ?? [];
  const [, weights = "", x = ""] = node.inputs;
  const value = convolveTransposed(call, {
    x: inputOf(call, 2),
    kernel: turned(call, inputOf(call, 1), [3, 0, 1, 2]),
    bias: call.inputs[3],
    stride: [node.int("strideRows", 1), node.int("strideColumns", 1)],
    padding: PADDINGS[node.int("padding", 0)] ?? "valid",
    sides: [height, width],
    inputNames: [x, weights],
  });
  return [fused(call, value)];
};

/** The weights are [1, rows, columns, filters]. */
const depthwiseConv2d: Convert = (call) => {
  const kernel = turned(call, inputOf(call, 1), [3, 0, 1, 2]);
  const window = windowOf(call.node);
  return [
    fused(call, convolve(call, { x: inputOf(call, 0), kernel, bias: call.inputs[2], window })),
  ];
};

/** The weights are [outputs, inputs]; a value of other axes than vectors is flattened. */
const fullyConnected: Convert = (call) => {
  const { node } = call;
  if (node.int("weightsFormat", 0) !== 0) throw new Unsupported("has shuffled weights");
  if (node.int("keepsAxes", 0) !== 0 && dimsOfValue(inputOf(call, 0)).length !== 2)
    throw new Unsupported("multiplies a value of more than 2 axes");
  const kernel = inputOf(call, 1);
  const [, inputs = 1] = dimsOfValue(kernel);
  const x = run(call, "Reshape", { inputs: [inputOf(call, 0), integers([-1, inputs])] });
  return [fused(call, multiply(call, { x, kernel, bias: call.inputs[2], isSwapped: true }))];
};

const poolOf =
  (pooled: "max" | "mean"): Convert =>
  (call) => {
    const { node } = call;
    const kernel: Pair = [node.int("rows", 1), node.int("columns", 1)];
    const value = pool(call, inputOf(call, 0), { ...windowOf(node), kernel, function: pooled });
    return [fused(call, value)];
  };

const binary =
  (op: string): Convert =>
  (call) => [fused(call, arithmetic(call, op, [inputOf(call, 0), inputOf(call, 1)]))];

const concatenation: Convert = (call) => {
  const values = call.inputs.map((_, index) => inputOf(call, index));
  const isConstant = values.every(({ kind }) => kind === "constant");
  const given = call.node.int("axis", 0);
  const axis = isConstant ? given : firstAxis(given, inputOf(call, 0));
  const value = run(call, "Concat", { inputs: values.map(asFirst), attributes: { axis } });
  return [fused(call, asLast(value))];
};

const softmax: Convert = (call) => {
  if (call.node.float("beta", 1) !== 1) throw new Unsupported("is a softmax with a factor");
  return [activate(call, inputOf(call, 0), "softmax")];
};

/** The shape is the second input, or an option of old files. */
const reshape: Convert = (call) => {
  if (call.inputs[1]) return convertReshape(call);
  const shape = integers([...(call.node.ints("shape") ?? [])]);
  return [run(call, "Reshape", { inputs: [inputOf(call, 0), shape] })];
};

/** Numbers that are stored as integers or float16 are dequantized when they are read. */
const dequantize: Convert = (call) => {
  const value = inputOf(call, 0);
  if (value.kind === "computed")
    throw new Unsupported("computes with integers; float nets are read");
  return [value];
};

/** The operators of LiteRT that nets have, with what they become. */
const CONVERTERS: ReadonlyMap<string, Convert> = new Map([
  ["ADD", binary("Add")],
  ["ADD_N", convertSum],
  ["AVERAGE_POOL_2D", poolOf("mean")],
  ["CAST", convertIdentity],
  ["CONCATENATION", concatenation],
  ["CONV_2D", conv2d],
  ["DEPTH_TO_SPACE", (call) => [depthToSpace(call, inputOf(call, 0), call.node.int("block", 0))]],
  ["DEPTHWISE_CONV_2D", depthwiseConv2d],
  ["DEQUANTIZE", dequantize],
  ["DIV", binary("Div")],
  ["EXPAND_DIMS", convertExpandDims],
  ["FULLY_CONNECTED", fullyConnected],
  ["HARD_SWISH", convertFunction("hard_swish")],
  ["LEAKY_RELU", convertLeakyRelu],
  ["LOGISTIC", convertFunction("sigmoid")],
  ["MAXIMUM", binary("Max")],
  ["MAX_POOL_2D", poolOf("max")],
  ["MEAN", convertReduction("ReduceMean")],
  ["MINIMUM", binary("Min")],
  ["MUL", binary("Mul")],
  ["NEG", convertUnary("Neg")],
  ["PACK", convertPack],
  ["PAD", convertPad],
  ["PADV2", convertPad],
  ["PRELU", convertPrelu],
  ["REDUCE_MAX", convertReduction("ReduceMax")],
  ["RELU", convertFunction("relu")],
  ["RELU6", convertFunction("relu6")],
  ["RELU_0_TO_1", convertClip01],
  ["RESHAPE", reshape],
  ["RESIZE_BILINEAR", convertResize("bilinear")],
  ["RESIZE_NEAREST_NEIGHBOR", convertResize("nearest")],
  ["RSQRT", convertRsqrt],
  ["SHAPE", convertShape],
  ["SLICE", convertSlice],
  ["SOFTMAX", softmax],
  ["SPLIT", convertSplit],
  ["SPLIT_V", convertSplitV],
  ["SQRT", convertUnary("Sqrt")],
  ["SQUEEZE", convertSqueeze],
  ["STRIDED_SLICE", convertStridedSlice],
  ["SUB", binary("Sub")],
  ["TRANSPOSE", convertTranspose],
  ["TRANSPOSE_CONV", transposeConv],
]);

/** The operators of LiteRT. */
export const tfliteOperators = operatorsOf(CONVERTERS);
