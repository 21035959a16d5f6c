import { dimsOfValue, type OpCall } from "../operators/call.js";
import { type OperatorRequest, run, runAll } from "../operators/operators.js";
import { channelsFirst, channelsLast } from "../operators/strided-view.js";
import { integers, type Value } from "../operators/value.js";

// The operators of TensorFlow and its relatives as those of ONNX: maps have their channels last, so they are turned before and after.

/** Where an axis of maps with their channels last is if the channels come first. */
const FIRST_AXES = [0, 2, 3, 1] as const;

/** Maps with their channels first; other values stay as they are. */
export const asFirst = (value: Value): Value =>
  value.kind === "computed" ? channelsFirst(value) : value;

/** Maps with their channels last; other values stay as they are. */
export const asLast = (value: Value): Value =>
  value.kind === "computed" ? channelsLast(value) : value;

/** Applies an operator to maps, which are the first input, or to vectors. */
export const onMaps = (call: OpCall, op: string, request: OperatorRequest): Value => {
  const [x, ...others] = request.inputs;
  return asLast(run(call, op, { ...request, inputs: [x && asFirst(x), ...others] }));
};

/** Applies an operator with several outputs to maps. */
export const onMapsAll = (call: OpCall, op: string, request: OperatorRequest): Value[] => {
  const [x, ...others] = request.inputs;
  return runAll(call, op, { ...request, inputs: [x && asFirst(x), ...others] }).map(asLast);
};

/** Where an axis of a value is after `asFirst`. */
export const firstAxis = (axis: number, value: Value): number => {
  const rank = dimsOfValue(value).length;
  const counted = axis < 0 ? axis + rank : axis;
  if (rank !== 4 || value.kind === "constant") return counted;
  return FIRST_AXES[counted] ?? counted;
};

/** A constant that is combined with a computed value of some axes, with its channels where those of the value are. */
const besides = (call: OpCall, constant: Value, rank: number): Value => {
  const dims = dimsOfValue(constant);
  if (rank !== 4 || dims.length > 4 || dims.length === 0) return constant;
  const padded = [...new Array<number>(4 - dims.length).fill(1), ...dims];
  const widened = run(call, "Reshape", { inputs: [constant, integers(padded)] });
  return run(call, "Transpose", { inputs: [widened], attributes: { perm: [0, 3, 1, 2] } });
};

/** Add, Sub, Mul, Div, Max or Min of two values. */
export const arithmetic = (
  call: OpCall,
  op: string,
  inputs: readonly [Value, Value],
  name?: string,
): Value => {
  const rank = Math.max(
    0,
    ...inputs.flatMap((each) => (each.kind === "computed" ? [each.axes.length] : [])),
  );
  const isComputed = inputs.some(({ kind }) => kind === "computed");
  const turned = inputs.map((each) =>
    each.kind === "computed" || !isComputed ? asFirst(each) : besides(call, each, rank),
  );
  return asLast(run(call, op, { inputs: turned, ...(name !== undefined && { name }) }));
};

/** PRelu, whose slopes have the axes of the value without that of images. */
export const prelu = (call: OpCall, x: Value, slope: Value, name?: string): Value => {
  const slopes = besides(call, slope, dimsOfValue(x).length);
  return onMaps(call, "PRelu", { inputs: [x, slopes], ...(name !== undefined && { name }) });
};
