import type { ValueId } from "../../../graph/graph.js";
import { Unsupported } from "../../unsupported.js";
import { axesOf, axisOf, intsOf } from "../axes.js";
import {
  addNode,
  type Convert,
  computedInput,
  dimsOfValue,
  inputOf,
  type OpCall,
  plain,
  type Resolved,
  resolve,
} from "../call.js";
import { type Computed, type Constant, computed, type Value } from "../value.js";
import { addAffine, channelNumbers } from "./affine.js";

const isSameView = (one: Computed, other: Computed): boolean =>
  String(one.shape) === String(other.shape) &&
  JSON.stringify(one.axes) === JSON.stringify(other.axes);

/** A sum or product of what the net computes with a constant. */
const withConstant = (call: OpCall, x: Computed, constant: Constant, isFirst: boolean): Value[] => {
  const input: Resolved = resolve(call, x);
  const numbers = channelNumbers(constant, input);
  const inverse = numbers.map((each) => 1 / each);
  const negative = numbers.map((each) => -each);
  const add = (scale: readonly number[], shift: readonly number[]): Value[] =>
    plain(call, [addAffine(call, input.value, { scale, shift })]);
  switch (call.node.op) {
    case "Add":
      return add([1], numbers);
    case "Sub":
      return isFirst ? add([-1], numbers) : add([1], negative);
    case "Mul":
      return add(numbers, [0]);
    case "Div":
      if (!isFirst) return add(inverse, [0]);
      throw new Unsupported("divides by a computed value");
    default:
      throw new Unsupported("combines constants with computed values");
  }
};

/** A sum or product of two values that the net computes. */
const together = (call: OpCall, x: Computed, y: Computed): Value[] => {
  const { op } = call.node;
  if (op !== "Add" && op !== "Mul") throw new Unsupported("combines two computed values");
  const kind = op === "Add" ? "add" : "multiply";
  if (isSameView(x, y)) {
    const [value] = addNode(call, kind, { inputs: [x.base, y.base], options: {} });
    return [computed({ ...x, base: value as ValueId })];
  }
  const [one, other] = [resolve(call, x), resolve(call, y)];
  // A factor for each channel comes second.
  const isSwapped =
    one.shape[0] === 1 && one.shape[1] === 1 && String(one.shape) !== String(other.shape);
  const inputs = isSwapped ? [other.value, one.value] : [one.value, other.value];
  return plain(call, addNode(call, kind, { inputs, options: {} }));
};

/** Add, Sub, Mul and Div of two values. */
export const convertArithmetic: Convert = (call) => {
  const [x, y] = [inputOf(call, 0), inputOf(call, 1)];
  if (x.kind === "computed" && y.kind === "computed") return together(call, x, y);
  if (x.kind === "computed") return withConstant(call, x, y as Constant, false);
  return withConstant(call, computedInput(call, 1), x, true);
};

/** The sum of any number of values. */
export const convertSum: Convert = (call) => {
  const values = call.inputs.map((_, index) => resolve(call, computedInput(call, index)).value);
  if (values.length === 1) return plain(call, values);
  return plain(call, addNode(call, "add", { inputs: values, options: {} }));
};

/** Refuses other axes than that of channels or features. */
const checkChannels = (axis: number, { axes }: Computed, what: string): void => {
  const rank = axes.length;
  if ((rank === 4 || rank === 2) && axisOf(axis, rank) === 1) return;
  throw new Unsupported(`${what} axis ${axis} of ${rank}, not the channels`);
};

export const convertConcat: Convert = (call) => {
  const inputs = call.inputs.map((_, index) => computedInput(call, index));
  for (const input of inputs) checkChannels(call.node.int("axis", 1), input, "joins");
  const values = inputs.map((input) => resolve(call, input).value);
  return plain(call, addNode(call, "concat", { inputs: values, options: {} }));
};

/** The sizes of the outputs of a split: given, or as equal as possible with a smaller last one. */
const sizesOf = ({ node, inputs }: OpCall, channels: number): readonly number[] => {
  const given = node.ints("split") ?? intsOf(inputs[1]);
  if (given) return given;
  const count = node.int("num_outputs", node.outputs.length);
  const size = Math.ceil(channels / count);
  return node.outputs.map((_, index) =>
    index === count - 1 ? channels - size * (count - 1) : size,
  );
};

export const convertSplit: Convert = (call) => {
  const input = computedInput(call, 0);
  checkChannels(call.node.int("axis", 0), input, "splits");
  const { value, shape } = resolve(call, input);
  const sizes = sizesOf(call, shape.at(-1) as number);
  return plain(call, addNode(call, "split", { inputs: [value], options: { sizes } }));
};

/** Some channels of maps, or features of vectors, from `start` on. */
const partOf = (call: OpCall, input: Resolved, start: number, end: number): Value[] => {
  const channels = input.shape.at(-1) as number;
  if (start === 0 && end === channels) return plain(call, [input.value]);
  if (start >= end) throw new Unsupported("takes no channels");
  const sizes = [start, end - start, channels - end].filter((size) => size > 0);
  const parts = addNode(call, "split", { inputs: [input.value], options: { sizes } });
  return plain(call, [parts[start > 0 ? 1 : 0] as ValueId]);
};

/** A Slice of channels; other axes must stay whole. */
export const convertSlice: Convert = (call) => {
  const { node, inputs } = call;
  const input = computedInput(call, 0);
  const dims = dimsOfValue(input);
  const read = (name: string, index: number) => node.ints(name) ?? intsOf(inputs[index]);
  const [starts, ends] = [read("starts", 1) ?? [], read("ends", 2) ?? []];
  const axes = axesOf(read("axes", 3) ?? starts.map((_, axis) => axis), dims.length);
  if ((intsOf(inputs[4]) ?? []).some((step) => step !== 1))
    throw new Unsupported("takes values in steps");
  let part: readonly [number, number] | undefined;
  for (const [index, axis] of axes.entries()) {
    const side = dims[axis] as number;
    const [start = 0, end = side] = [starts[index], ends[index]].map((at = 0) =>
      Math.min(Math.max(at < 0 ? at + side : at, 0), side),
    );
    if (start === 0 && end === side) continue;
    checkChannels(axis, input, "cuts");
    part = [start, end];
  }
  return part ? partOf(call, resolve(call, input), ...part) : [input];
};

/** A Gather of one channel, or of a run of channels. */
export const convertGather: Convert = (call) => {
  const input = computedInput(call, 0);
  const axis = call.node.int("axis", 0);
  checkChannels(axis, input, "gathers along");
  const indices = inputOf(call, 1);
  const at = intsOf(indices) ?? [];
  const [first = 0] = at;
  const channels = dimsOfValue(input)[1] as number;
  const start = first < 0 ? first + channels : first;
  if (at.length === 0 || at.some((each, index) => each !== first + index) || start >= channels)
    throw new Unsupported("gathers channels in a different order");
  const part = partOf(call, resolve(call, input), start, Math.min(start + at.length, channels));
  if (dimsOfValue(indices).length > 0) return part;
  const [view] = part as [Computed];
  // A scalar index drops the axis.
  return [computed({ ...view, axes: view.axes.toSpliced(1, 1) })];
};
