import { Unsupported } from "../../unsupported.js";
import { axesOf, axisOf, intsOf, targetDims } from "../axes.js";
import { type Convert, computedInput, dimsOfValue, type OpCall } from "../call.js";
import { sizeOfDims } from "../constants/elementwise.js";
import { reshaped, transposed } from "../strided-view.js";
import { computed, integers, type Value } from "../value.js";

const reshape = (call: OpCall, dims: readonly number[]): Value[] => [
  computed(reshaped(computedInput(call, 0), dims)),
];

export const convertReshape: Convert = (call) => {
  const dims = dimsOfValue(computedInput(call, 0));
  const wanted = call.node.ints("shape") ?? intsOf(call.inputs[1]) ?? [];
  return reshape(call, targetDims(call.node, dims, wanted));
};

export const convertFlatten: Convert = (call) => {
  const dims = dimsOfValue(computedInput(call, 0));
  const axis = axisOf(call.node.int("axis", 1), dims.length + 1);
  return reshape(call, [sizeOfDims(dims.slice(0, axis)), sizeOfDims(dims.slice(axis))]);
};

export const convertSqueeze: Convert = (call) => {
  const dims = dimsOfValue(computedInput(call, 0));
  const given = call.node.ints("axes") ?? intsOf(call.inputs[1]);
  const dropped = given && axesOf(given, dims.length);
  // Without axes, that of a single image would be dropped, too, which no exporter means.
  return reshape(
    call,
    dims.filter((side, axis) => side !== 1 || (dropped ? !dropped.includes(axis) : axis === 0)),
  );
};

export const convertUnsqueeze: Convert = (call) => {
  const dims = [...dimsOfValue(computedInput(call, 0))];
  const axes = call.node.ints("axes") ?? intsOf(call.inputs[1]) ?? [];
  const rank = dims.length + axes.length;
  const added = axesOf(axes, rank);
  const all = Array.from({ length: rank }, (_, axis) =>
    added.includes(axis) ? 1 : (dims.shift() ?? 1),
  );
  return reshape(call, all);
};

export const convertTranspose: Convert = (call) => {
  const input = computedInput(call, 0);
  const rank = input.axes.length;
  const order =
    call.node.ints("perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return [computed(transposed(input, order))];
};

export const convertShape: Convert = (call) => {
  const dims = dimsOfValue(computedInput(call, 0));
  const { node } = call;
  return [integers(dims.slice(node.int("start", 0), node.int("end", dims.length)))];
};

export const convertSize: Convert = (call) => [
  integers([sizeOfDims(dimsOfValue(computedInput(call, 0)))], []),
];

/** Element types of floats: float, float16, double and bfloat16. */
const FLOATS: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** Nets compute in float32, whatever kind of floats a file has. */
export const convertCast: Convert = (call) => {
  if (FLOATS.has(call.node.int("to", 1))) return [computedInput(call, 0)];
  throw new Unsupported("converts computed values to integers");
};

/** Operators that leave what the net computes as it is. */
export const convertIdentity: Convert = (call) => [computedInput(call, 0)];
