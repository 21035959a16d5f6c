import type { Padding, Pair } from "../../graph/window.js";
import { activate } from "../channels-last/activations.js";
import {
  convolve,
  convolveTransposed,
  depthToSpace,
  depthwiseKernel,
  multiply,
  pool,
  turned,
  type Window,
} from "../channels-last/layers.js";
import { arithmetic, onMaps, prelu } from "../channels-last/maps.js";
import { intsOf } from "../operators/axes.js";
import { type Convert, constantInput, inputOf, type OpCall } from "../operators/call.js";
import { run } from "../operators/operators.js";
import type { ReadNode } from "../operators/read-node.js";
import type { Value } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";

/** Refuses maps with their channels first, which TensorFlow does not compute on every machine. */
const checkLayout = (node: ReadNode): void => {
  const layout = node.text("data_format", "NHWC");
  if (layout !== "NHWC") throw new Unsupported(`has maps in the order ${layout}, not NHWC`);
};

/** The numbers of rows and columns among those of all axes. */
const sidesOf = (node: ReadNode, attribute: string): Pair => {
  const [images = 1, rows = 1, columns = 1, channels = 1] = node.ints(attribute) ?? [];
  if (images !== 1 || channels !== 1)
    throw new Unsupported(`has ${attribute} of images or channels`);
  return [rows, columns];
};

const paddingOf = (node: ReadNode): Window["padding"] => {
  const padding = node.text("padding", "VALID");
  if (padding === "SAME" || padding === "VALID") return padding === "SAME" ? "same" : "valid";
  const borders = node.ints("explicit_paddings") ?? [];
  const [, , top = 0, bottom = 0, left = 0, right = 0] = borders;
  return [top, left, bottom, right] satisfies Padding;
};

const windowOf = (node: ReadNode): Window => {
  checkLayout(node);
  return {
    stride: sidesOf(node, "strides"),
    dilation: sidesOf(node, "dilations"),
    padding: paddingOf(node),
  };
};

/** The functions of fused nodes, by their names in Keras. */
const FUSED: Readonly<Record<string, string>> = {
  Relu: "relu",
  Relu6: "relu6",
  Sigmoid: "sigmoid",
  _FusedHardSwish: "hard_swish",
};

/** What a fused node does after its layer: it adds its third input, and applies a function. */
const fused = (call: OpCall, layer: (bias: Value | undefined) => Value): Value => {
  const { node } = call;
  const steps = node.text("fused_ops", "").split(",").filter(Boolean);
  const hasBias = steps[0] === "BiasAdd";
  const [step, ...more] = hasBias ? steps.slice(1) : steps;
  const value = layer(hasBias ? inputOf(call, 2) : undefined);
  if (step === undefined) return value;
  if (step === "Prelu" && more.length === 0)
    return prelu(call, value, inputOf(call, hasBias ? 3 : 2), `${node.name}/prelu`);
  if (step === "LeakyRelu" && more.length === 0) {
    const attributes = { alpha: node.float("leakyrelu_alpha", 0.2) };
    return run(call, "LeakyRelu", { inputs: [value], attributes, name: `${node.name}/leaky` });
  }
  const name = Object.hasOwn(FUSED, step) ? FUSED[step] : undefined;
  if (name === undefined || more.length > 0)
    throw new Unsupported(`is fused with ${steps.join(" and ")}`);
  return activate(call, value, name);
};

export const convertConv2d: Convert = (call) => {
  const window = windowOf(call.node);
  const kernel = turned(call, inputOf(call, 1), [3, 2, 0, 1]);
  return [fused(call, (bias) => convolve(call, { x: inputOf(call, 0), kernel, bias, window }))];
};

/** Inputs: the shape of the output, the kernel [rows, columns, filters, channels], the value. */
export const convertConv2dBackpropInput: Convert = (call) => {
  const { node } = call;
  const { stride, dilation, padding } = windowOf(node);
  if (padding !== "same" && padding !== "valid") throw new Unsupported("has borders of its own");
  if (dilation?.some((step) => step !== 1)) throw new Unsupported("is dilated");
  const [, height = 0, width = 0] = intsOf(constantInput(call, 0)) ?? [];
  const kernel = turned(call, inputOf(call, 1), [3, 2, 0, 1]);
  const [, weights = "", x = ""] = node.inputs;
  const request = { x: inputOf(call, 2), kernel, stride, padding, inputNames: [x, weights] };
  return [convolveTransposed(call, { ...request, sides: [height, width] })];
};

export const convertDepthToSpace: Convert = (call) => {
  checkLayout(call.node);
  return [depthToSpace(call, inputOf(call, 0), call.node.int("block_size", 0))];
};

export const convertDepthwiseConv2d: Convert = (call) => {
  const window = windowOf(call.node);
  const kernel = depthwiseKernel(call, inputOf(call, 1));
  return [fused(call, (bias) => convolve(call, { x: inputOf(call, 0), kernel, bias, window }))];
};

export const convertMatMul: Convert = (call) => {
  const { node } = call;
  if (node.int("transpose_a", 0) !== 0) throw new Unsupported("transposes a computed value");
  const isSwapped = node.int("transpose_b", 0) !== 0;
  const [x, kernel] = [inputOf(call, 0), inputOf(call, 1)];
  return [fused(call, (bias) => multiply(call, { x, kernel, bias, isSwapped }))];
};

export const convertBiasAdd: Convert = (call) => {
  checkLayout(call.node);
  return [arithmetic(call, "Add", [inputOf(call, 0), inputOf(call, 1)])];
};

export const convertBatchNorm: Convert = (call) => {
  const { node } = call;
  checkLayout(node);
  if (node.int("is_training", 0) !== 0)
    throw new Unsupported("normalizes by the statistics of the batch");
  const inputs = [0, 1, 2, 3, 4].map((index) => inputOf(call, index));
  const attributes = { epsilon: node.float("epsilon", 1e-4) };
  return [onMaps(call, "BatchNormalization", { inputs, attributes })];
};

export const convertPool =
  (pooled: "max" | "mean"): Convert =>
  (call) => {
    const { node } = call;
    checkLayout(node);
    const window = { stride: sidesOf(node, "strides"), padding: paddingOf(node) };
    const kernel = sidesOf(node, "ksize");
    return [pool(call, inputOf(call, 0), { ...window, kernel, function: pooled })];
  };
