import type { Padding, Pair } from "../../graph/window.js";
import { activate } from "../channels-last/activations.js";
import { addBorder, type Resizing, resize } from "../channels-last/layers.js";
import {
  arithmetic,
  asFirst,
  asLast,
  firstAxis,
  onMaps,
  onMapsAll,
  prelu,
} from "../channels-last/maps.js";
import { axesOf, intsOf } from "../operators/axes.js";
import {
  type Convert,
  constantInput,
  dimsOfValue,
  inputOf,
  type OpCall,
} from "../operators/call.js";
import { run, runAll } from "../operators/operators.js";
import { integers, type Value } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";

/** The integers of a constant input. */
export const intsInput = (call: OpCall, index: number): number[] =>
  intsOf(constantInput(call, index)) ?? [];

/** A function by its name in Keras. */
export const convertFunction =
  (name: string): Convert =>
  (call) => [activate(call, inputOf(call, 0), name)];

export const convertLeakyRelu: Convert = (call) => [
  run(call, "LeakyRelu", {
    inputs: [inputOf(call, 0)],
    attributes: { alpha: call.node.float("alpha", 0.2) },
  }),
];

export const convertPrelu: Convert = (call) => [prelu(call, inputOf(call, 0), inputOf(call, 1))];

/** A sum, product and the like of two values. */
export const convertBinary =
  (op: string): Convert =>
  (call) => [arithmetic(call, op, [inputOf(call, 0), inputOf(call, 1)])];

/** Functions of constants. */
export const convertUnary =
  (op: string): Convert =>
  (call) => [run(call, op, { inputs: [inputOf(call, 0)] })];

export const convertRsqrt: Convert = (call) => [
  run(call, "Reciprocal", { inputs: [run(call, "Sqrt", { inputs: [constantInput(call, 0)] })] }),
];

export const convertClip: Convert = (call) => [
  onMaps(call, "Clip", {
    inputs: [inputOf(call, 0), constantInput(call, 1), constantInput(call, 2)],
  }),
];

/** A value within 0 and 1. */
export const convertClip01: Convert = (call) => [
  onMaps(call, "Clip", { inputs: [inputOf(call, 0)], attributes: { min: 0, max: 1 } }),
];

export const convertSum: Convert = (call) => {
  const inputs = call.inputs.map((_, index) => asFirst(inputOf(call, index)));
  return [asLast(run(call, "Sum", { inputs }))];
};

export const convertReduction =
  (op: "ReduceMean" | "ReduceMax"): Convert =>
  (call) => {
    const x = inputOf(call, 0);
    const axes = axesOf(intsInput(call, 1), dimsOfValue(x).length).map((axis) =>
      firstAxis(axis, x),
    );
    const keepdims = call.node.int("keep_dims", 0);
    return [onMaps(call, op, { inputs: [x], attributes: { axes, keepdims } })];
  };

export const convertConcat: Convert = (call) => {
  const values = call.inputs.slice(0, -1).map((_, index) => inputOf(call, index));
  const [first] = values;
  if (!first) throw new Unsupported("joins nothing");
  const [given = 0] = intsInput(call, values.length);
  const isConstant = values.every(({ kind }) => kind === "constant");
  const axis = isConstant ? given : firstAxis(given, first);
  return [asLast(run(call, "Concat", { inputs: values.map(asFirst), attributes: { axis } }))];
};

const split = (call: OpCall, x: Value, given: number, sizes: readonly number[]): Value[] =>
  onMapsAll(call, "Split", {
    inputs: [x],
    attributes: { axis: firstAxis(given, x), split: sizes },
    outputs: sizes.length,
  });

/** Most parts of a split. */
const MAX_PARTS = 1024;

export const convertSplit: Convert = (call) => {
  const [[axis = 0], x] = [intsInput(call, 0), inputOf(call, 1)];
  const count = call.node.int("num_split", 1);
  const side = dimsOfValue(x).at(axis) ?? 0;
  if (!(count >= 1 && count <= MAX_PARTS)) throw new Unsupported(`splits into ${count} parts`);
  return split(call, x, axis, new Array<number>(count).fill(side / count));
};

export const convertSplitV: Convert = (call) => {
  const [x, sizes, [axis = 0]] = [inputOf(call, 0), intsInput(call, 1), intsInput(call, 2)];
  const side = dimsOfValue(x).at(axis) ?? 0;
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  return split(
    call,
    x,
    axis,
    sizes.map((size) => (size === -1 ? side - known : size)),
  );
};

/** Numbers for all axes in the order that a value has with its channels first. */
const inOrder = (numbers: readonly number[], value: Value): number[] =>
  numbers.length === 4 && value.kind === "computed"
    ? [0, 3, 1, 2].map((axis) => numbers[axis] as number)
    : [...numbers];

const slice = (
  call: OpCall,
  x: Value,
  { starts, ends, steps }: Readonly<Record<"starts" | "ends" | "steps", readonly number[]>>,
): Value => {
  const axes = starts.map((_, axis) => axis);
  const [from, to, by] = [starts, ends, steps].map((each) => integers(inOrder(each, x)));
  return asLast(run(call, "Slice", { inputs: [asFirst(x), from, to, integers(axes), by] }));
};

export const convertSlice: Convert = (call) => {
  const [x, starts, sizes] = [inputOf(call, 0), intsInput(call, 1), intsInput(call, 2)];
  const dims = dimsOfValue(x);
  const ends = starts.map((start, axis) =>
    sizes[axis] === -1 ? (dims[axis] ?? 0) : start + (sizes[axis] ?? 0),
  );
  return [slice(call, x, { starts, ends, steps: starts.map(() => 1) })];
};

const TO_THE_END = 2 ** 31;

/** A slice with masks: bits say that an axis begins at its start, ends at its end, or is dropped. */
export const convertStridedSlice: Convert = (call) => {
  const { node } = call;
  const x = inputOf(call, 0);
  if (node.int("ellipsis_mask", 0) !== 0 || node.int("new_axis_mask", 0) !== 0)
    throw new Unsupported("is a slice with an ellipsis or new axes");
  const [begins, stops, steps] = [1, 2, 3].map((index) => intsInput(call, index)) as [
    number[],
    number[],
    number[],
  ];
  const isSet = (mask: string, axis: number): boolean => ((node.int(mask, 0) >> axis) & 1) === 1;
  const starts = begins.map((begin, axis) => (isSet("begin_mask", axis) ? 0 : begin));
  const ends = stops.map((stop, axis) => {
    if (isSet("shrink_axis_mask", axis)) {
      const start = starts[axis] as number;
      return start === -1 ? TO_THE_END : start + 1;
    }
    return isSet("end_mask", axis) ? TO_THE_END : stop;
  });
  const dims = dimsOfValue(x);
  const dropped = starts.flatMap((_, axis) => (isSet("shrink_axis_mask", axis) ? [axis] : []));
  const all = (numbers: readonly number[], rest: number): number[] =>
    dims.map((_, axis) => numbers[axis] ?? rest);
  const part = slice(call, x, {
    starts: all(starts, 0),
    ends: all(ends, TO_THE_END),
    steps: all(steps, 1),
  });
  if (dropped.length === 0) return [part];
  return [run(call, "Squeeze", { inputs: [part, integers(dropped)] })];
};

export const convertReshape: Convert = (call) => [
  run(call, "Reshape", { inputs: [inputOf(call, 0), constantInput(call, 1)] }),
];

export const convertTranspose: Convert = (call) => [
  run(call, "Transpose", {
    inputs: [inputOf(call, 0)],
    attributes: { perm: intsInput(call, 1) },
  }),
];

export const convertSqueeze: Convert = (call) => {
  const axes = call.node.ints("squeeze_dims") ?? [];
  const attributes = axes.length > 0 ? { axes } : {};
  return [run(call, "Squeeze", { inputs: [inputOf(call, 0)], attributes })];
};

export const convertExpandDims: Convert = (call) => [
  run(call, "Unsqueeze", { inputs: [inputOf(call, 0)], attributes: { axes: intsInput(call, 1) } }),
];

export const convertShape: Convert = (call) =>
  runAll(call, "Shape", { inputs: [inputOf(call, 0)] });

/** Constants as the rows of one. */
export const convertPack: Convert = (call) => {
  const axis = call.node.int("axis", 0);
  const inputs = call.inputs.map((_, index) =>
    run(call, "Unsqueeze", { inputs: [constantInput(call, index)], attributes: { axes: [axis] } }),
  );
  return [run(call, "Concat", { inputs, attributes: { axis } })];
};

export const convertPad: Convert = (call) => {
  const borders = intsInput(call, 1);
  if (borders.length !== 8) throw new Unsupported(`has ${borders.length} borders, not 8`);
  const [images, more, top, bottom, left, right, before, after] = borders as number[];
  if (images !== 0 || more !== 0) throw new Unsupported("adds images");
  const value = call.inputs[2] ? (constantInput(call, 2).values[0] ?? 0) : 0;
  const padding = [top, left, bottom, right] as unknown as Padding;
  const channels = [before, after] as unknown as Pair;
  return [addBorder(call, inputOf(call, 0), { padding, channels, value })];
};

export const convertResize =
  (method: Resizing["method"]): Convert =>
  (call) => {
    const { node } = call;
    const [height = 0, width = 0] = intsInput(call, 1);
    return [
      resize(call, inputOf(call, 0), {
        height,
        width,
        method,
        alignsCorners: node.int("align_corners", 0) !== 0,
        hasHalfPixelCenters: node.int("half_pixel_centers", 0) !== 0,
      }),
    ];
  };

export const convertIdentity: Convert = (call) =>
  call.inputs.map((_, index) => inputOf(call, index));
