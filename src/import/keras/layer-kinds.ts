import type { Padding } from "../../graph/window.js";
import { activate } from "../channels-last/activations.js";
import {
  addBorder,
  convolve,
  convolveTransposed,
  depthwiseKernel,
  multiply,
  pool,
  poolGlobally,
  resize,
  turned,
  type Window,
} from "../channels-last/layers.js";
import { arithmetic, asFirst, asLast, firstAxis, onMaps, prelu } from "../channels-last/maps.js";
import { type Convert, dimsOfValue, inputOf, type OpCall } from "../operators/call.js";
import { constantBy } from "../operators/constants/elementwise.js";
import { run } from "../operators/operators.js";
import type { ReadNode } from "../operators/read-node.js";
import { integers, type Value } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";
import { hasFlag, numberOf, pairOf } from "./settings.js";

/** A class of layers: what it becomes, and the names of its weights in the order in which Keras stores them. */
export interface LayerKind {
  readonly convert: Convert;
  readonly weights?: (config: Readonly<Record<string, unknown>>) => readonly string[];
}

const first = (call: OpCall): Value => inputOf(call, 0);

const checkLayout = ({ text }: ReadNode): void => {
  const layout = text("data_format", "channels_last");
  if (layout !== "channels_last") throw new Unsupported(`has maps in the order ${layout}`);
};

const windowOf = (node: ReadNode): Window => {
  checkLayout(node);
  const padding = node.text("padding", "valid").toLowerCase();
  if (padding !== "same" && padding !== "valid")
    throw new Unsupported(`has the padding ${padding}`);
  const dilation = pairOf(node, "dilation_rate", [1, 1]);
  return { stride: pairOf(node, "strides", [1, 1]), dilation, padding };
};

/** What a layer does after its weights. */
const activated = (call: OpCall, value: Value): Value => {
  const name = call.node.text("activation", "linear");
  if (name !== "hard_sigmoid") return activate(call, value, name);
  // Keras 3 computes relu6(x + 3) / 6, as PyTorch; earlier versions and TensorFlow.js clip 0.2 x + 0.5.
  const attributes = call.node.int("isKeras3", 0) === 1 ? { alpha: 1 / 6, beta: 0.5 } : {};
  const own = /^activation$/i.test(call.node.op)
    ? call.node.name
    : `${call.node.name}/hard_sigmoid`;
  return onMaps(call, "HardSigmoid", { inputs: [value], attributes, name: own });
};

const biasOf = (call: OpCall, index: number): Value | undefined =>
  hasFlag(call.node, "use_bias", true) ? inputOf(call, index) : undefined;

const withBias = (name: string) => (config: Readonly<Record<string, unknown>>) => [
  name,
  ...(config.use_bias === false ? [] : ["bias"]),
];

const conv2d: Convert = (call) => {
  const window = windowOf(call.node);
  const kernel = turned(call, inputOf(call, 1), [3, 2, 0, 1]);
  const value = convolve(call, { x: first(call), kernel, bias: biasOf(call, 2), window });
  return [activated(call, value)];
};

/** The weights are [rows, columns, filters, channels]. */
const conv2dTranspose: Convert = (call) => {
  const { node } = call;
  const { stride, dilation, padding } = windowOf(node);
  if (dilation?.some((step) => step !== 1)) throw new Unsupported("is dilated");
  if (node.has("output_padding")) throw new Unsupported("has an output padding");
  const [x, weights] = [first(call), inputOf(call, 1)];
  const [, ...inputs] = dimsOfValue(x);
  const sides = stride.map((step, axis) => {
    const more = Math.max((dimsOfValue(weights)[axis] ?? 0) - step, 0);
    return (inputs[axis] ?? 0) * step + (padding === "valid" ? more : 0);
  }) as [number, number];
  const kernel = turned(call, weights, [3, 2, 0, 1]);
  const request = { x, kernel, bias: biasOf(call, 2), stride, sides };
  return [
    activated(
      call,
      convolveTransposed(call, { ...request, padding: padding === "same" ? "same" : "valid" }),
    ),
  ];
};

const depthwiseConv2d: Convert = (call) => {
  const window = windowOf(call.node);
  const kernel = depthwiseKernel(call, inputOf(call, 1));
  const value = convolve(call, { x: first(call), kernel, bias: biasOf(call, 2), window });
  return [activated(call, value)];
};

const separableConv2d: Convert = (call) => {
  const { node } = call;
  const window = windowOf(node);
  const [x = "", depthwise = "", pointwise = ""] = node.inputs;
  const kernel = depthwiseKernel(call, inputOf(call, 1));
  const names = { inputNames: [x, depthwise] };
  const maps = convolve(call, { x: first(call), kernel, window, ...names });
  const value = convolve(call, {
    x: maps,
    kernel: turned(call, inputOf(call, 2), [3, 2, 0, 1]),
    bias: biasOf(call, 3),
    window: { stride: [1, 1], padding: "valid" },
    inputNames: [x, pointwise],
  });
  return [activated(call, value)];
};

const dense: Convert = (call) => [
  activated(
    call,
    multiply(call, { x: first(call), kernel: inputOf(call, 1), bias: biasOf(call, 2) }),
  ),
];

/** Whether an axis, alone or in a list, is the last one. */
const checkLastAxis = (node: ReadNode, value: Value): void => {
  const rank = dimsOfValue(value).length;
  const axis = node.ints("axis")?.[0] ?? node.int("axis", -1);
  if (axis !== -1 && axis !== rank - 1) throw new Unsupported(`normalizes axis ${axis} of ${rank}`);
};

const constants = (count: number, value: number): Value => constantBy([count], true, () => value);

const batchNormalization: Convert = (call) => {
  const { node } = call;
  const x = first(call);
  checkLastAxis(node, x);
  const channels = dimsOfValue(x).at(-1) ?? 0;
  const [hasScale, hasCenter] = [hasFlag(node, "scale", true), hasFlag(node, "center", true)];
  const scale = hasScale ? inputOf(call, 1) : constants(channels, 1);
  const shift = hasCenter ? inputOf(call, 1 + Number(hasScale)) : constants(channels, 0);
  const at = 1 + Number(hasScale) + Number(hasCenter);
  const inputs = [x, scale, shift, inputOf(call, at), inputOf(call, at + 1)];
  const attributes = {
    epsilon: node.float("epsilon", 1e-3),
    momentum: node.float("momentum", 0.99),
  };
  return [onMaps(call, "BatchNormalization", { inputs, attributes })];
};

const batchNormWeights = ({ scale, center }: Readonly<Record<string, unknown>>): string[] => [
  ...(scale === false ? [] : ["gamma"]),
  ...(center === false ? [] : ["beta"]),
  "moving_mean",
  "moving_variance",
];

const relu: Convert = (call) => {
  const { node } = call;
  const slope = node.float("negative_slope", 0);
  if (node.float("threshold", 0) !== 0) throw new Unsupported("is a ReLU with a threshold");
  if (slope !== 0 && node.has("max_value")) throw new Unsupported("is a leaky ReLU with a limit");
  if (slope !== 0)
    return [run(call, "LeakyRelu", { inputs: [first(call)], attributes: { alpha: slope } })];
  if (!node.has("max_value")) return [activate(call, first(call), "relu")];
  const attributes = { min: 0, max: node.float("max_value", 6) };
  return [onMaps(call, "Clip", { inputs: [first(call)], attributes })];
};

const leakyRelu: Convert = (call) => {
  const alpha = call.node.float("alpha", call.node.float("negative_slope", 0.3));
  return [run(call, "LeakyRelu", { inputs: [first(call)], attributes: { alpha } })];
};

const poolOf =
  (pooled: "max" | "mean"): Convert =>
  (call) => {
    const { node } = call;
    const kernel = pairOf(node, "pool_size", [2, 2]);
    const stride = node.has("strides") ? pairOf(node, "strides", kernel) : kernel;
    return [
      pool(call, first(call), {
        ...windowOf(node),
        dilation: [1, 1],
        stride,
        kernel,
        function: pooled,
      }),
    ];
  };

const globalPoolOf =
  (pooled: "max" | "mean"): Convert =>
  (call) => {
    checkLayout(call.node);
    const keepsMaps = hasFlag(call.node, "keepdims", false);
    return [poolGlobally(call, first(call), { function: pooled, keepsMaps })];
  };

const joined =
  (op: "Add" | "Mul" | "Sub"): Convert =>
  (call) => {
    const [one, ...others] = call.inputs.map((_, index) => inputOf(call, index));
    if (!one || others.length === 0) throw new Unsupported("joins a single value");
    if (op === "Sub" && others.length > 1) throw new Unsupported("subtracts several values");
    return [others.reduce((sum, each) => arithmetic(call, op, [sum, each]), one)];
  };

/** The operators of TensorFlow's functions, which Keras 2 keeps as layers. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "__operators__.add": "Add",
  "math.add": "Add",
  "math.multiply": "Mul",
  "math.subtract": "Sub",
  "math.truediv": "Div",
};

const tensorflowFunction: Convert = (call) => {
  const name = call.node.text("function", "");
  const op = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (op === undefined) throw new Unsupported(`is the function ${name} of TensorFlow`);
  return [arithmetic(call, op, [first(call), inputOf(call, 1)])];
};

const concatenate: Convert = (call) => {
  const axis = firstAxis(call.node.int("axis", -1), first(call));
  const inputs = call.inputs.map((_, index) => asFirst(inputOf(call, index)));
  return [asLast(run(call, "Concat", { inputs, attributes: { axis } }))];
};

const flatten: Convert = (call) => [
  run(call, "Flatten", { inputs: [first(call)], attributes: { axis: 1 } }),
];

const reshape: Convert = (call) => {
  const wanted = call.node.ints("target_shape") ?? [];
  const shape = [dimsOfValue(first(call))[0] ?? 1, ...wanted];
  return [run(call, "Reshape", { inputs: [first(call), integers(shape)] })];
};

const permute: Convert = (call) => {
  const perm = [0, ...(call.node.ints("dims") ?? [])];
  return [run(call, "Transpose", { inputs: [first(call)], attributes: { perm } })];
};

const dropout: Convert = (call) => [
  run(call, "Dropout", {
    inputs: [first(call)],
    attributes: { ratio: call.node.float("rate", 0.5) },
  }),
];

const identity: Convert = (call) => [first(call)];

const zeroPadding: Convert = (call) => {
  checkLayout(call.node);
  const [top = 0, bottom = 0, left = 0, right = 0] = call.node.ints("borders") ?? [];
  return [addBorder(call, first(call), { padding: [top, left, bottom, right] satisfies Padding })];
};

const upSampling: Convert = (call) => {
  const { node } = call;
  checkLayout(node);
  const [rows, columns] = pairOf(node, "size", [2, 2]);
  const [, height = 0, width = 0] = dimsOfValue(first(call));
  const method = node.text("interpolation", "nearest");
  if (method !== "nearest" && method !== "bilinear") throw new Unsupported(`resizes by ${method}`);
  return [
    resize(call, first(call), {
      height: height * rows,
      width: width * columns,
      method,
      alignsCorners: false,
      // TensorFlow.js resizes without them.
      hasHalfPixelCenters: node.int("isTensorflowJs", 0) === 0,
    }),
  ];
};

/** x scale + offset, each a number or one for each channel. */
const rescaling: Convert = (call) => {
  const { node } = call;
  const numbersOf = (attribute: string, otherwise: number): Value => {
    const numbers = node.floats(attribute) ?? [node.float(attribute, otherwise)];
    return constantBy([numbers.length], true, (at) => numbers[at] as number);
  };
  const scaled = arithmetic(call, "Mul", [first(call), numbersOf("scale", 1)]);
  return [arithmetic(call, "Add", [scaled, numbersOf("offset", 0)])];
};

/** (x - mean) / max(sqrt(variance), epsilon), with the epsilon of Keras. */
const normalization: Convert = (call) => {
  checkLastAxis(call.node, first(call));
  const [mean, variance] = [inputOf(call, 1), inputOf(call, 2)];
  const deviation = run(call, "Sqrt", { inputs: [variance] });
  const limited = run(call, "Max", { inputs: [deviation, constants(1, 1e-7)] });
  const centered = arithmetic(call, "Sub", [first(call), mean]);
  return [arithmetic(call, "Div", [centered, limited])];
};

const softmax: Convert = (call) => {
  const axis = numberOf(call.node, "axis", -1);
  return [onMaps(call, "Softmax", { inputs: [first(call)], attributes: { axis } })];
};

/** The layers that nets have, by their classes. */
export const LAYER_KINDS: ReadonlyMap<string, LayerKind> = new Map<string, LayerKind>([
  ["Activation", { convert: (call) => [activated(call, first(call))] }],
  ["Add", { convert: joined("Add") }],
  ["AveragePooling2D", { convert: poolOf("mean") }],
  ["BatchNormalization", { convert: batchNormalization, weights: batchNormWeights }],
  ["BatchNormalizationV1", { convert: batchNormalization, weights: batchNormWeights }],
  ["Concatenate", { convert: concatenate }],
  ["Conv2D", { convert: conv2d, weights: withBias("kernel") }],
  ["Conv2DTranspose", { convert: conv2dTranspose, weights: withBias("kernel") }],
  ["Dense", { convert: dense, weights: withBias("kernel") }],
  ["DepthwiseConv2D", { convert: depthwiseConv2d, weights: withBias("kernel") }],
  ["Dropout", { convert: dropout }],
  ["Flatten", { convert: flatten }],
  ["Functional", { convert: identity }],
  ["GaussianNoise", { convert: identity }],
  ["GlobalAveragePooling2D", { convert: globalPoolOf("mean") }],
  ["GlobalMaxPooling2D", { convert: globalPoolOf("max") }],
  ["InputLayer", { convert: identity }],
  ["LeakyReLU", { convert: leakyRelu }],
  ["MaxPooling2D", { convert: poolOf("max") }],
  ["Model", { convert: identity }],
  ["Multiply", { convert: joined("Mul") }],
  ["Normalization", { convert: normalization, weights: () => ["mean", "variance", "count"] }],
  [
    "PReLU",
    {
      convert: (call) => [prelu(call, first(call), inputOf(call, 1))],
      weights: () => ["alpha"],
    },
  ],
  ["Permute", { convert: permute }],
  ["ReLU", { convert: relu }],
  ["Rescaling", { convert: rescaling }],
  ["Reshape", { convert: reshape }],
  [
    "SeparableConv2D",
    {
      convert: separableConv2d,
      weights: (config) => ["depthwise_kernel", ...withBias("pointwise_kernel")(config)],
    },
  ],
  ["Sequential", { convert: identity }],
  ["Softmax", { convert: softmax }],
  ["SpatialDropout2D", { convert: identity }],
  ["Subtract", { convert: joined("Sub") }],
  ["TFOpLambda", { convert: tensorflowFunction }],
  ["UpSampling2D", { convert: upSampling }],
  ["ZeroPadding2D", { convert: zeroPadding }],
]);
