import { Unsupported } from "../../unsupported.js";
import { axesOf, axisOf, intsOf, targetDims } from "../axes.js";
import type { ReadNode } from "../read-node.js";
import { type Constant, integers } from "../value.js";
import {
  broadcastDims,
  broadcastIndices,
  constantBy,
  ELEMENTWISE,
  foldElementwise,
  sizeOfDims,
} from "./elementwise.js";
import type { FoldBudget } from "./fold-budget.js";

/** A node whose inputs are all constants. */
interface FoldCall {
  readonly node: ReadNode;
  /** Absent inputs are undefined. */
  readonly inputs: readonly (Constant | undefined)[];
  readonly budget: FoldBudget;
}

type Fold = (call: FoldCall) => Constant;

const need = (inputs: FoldCall["inputs"], index: number): Constant => {
  const input = inputs[index];
  if (input) return input;
  throw new Unsupported(`lacks its input ${index + 1}`);
};

const reshape =
  (dimsOf: (call: FoldCall, x: Constant) => number[]): Fold =>
  (call) => {
    const x = need(call.inputs, 0);
    const dims = dimsOf(call, x);
    if (sizeOfDims(dims) !== x.values.length)
      throw new Unsupported(`changes the shape [${x.dims}] to [${dims}]`);
    return { ...x, dims };
  };

/** The numbers of `x` with each axis moved along its own indices. */
const gatherAxes = (x: Constant, indices: readonly (readonly number[])[]): Constant => {
  const dims = indices.map(({ length }) => length);
  return constantBy(dims, x.isFloat, (index) => {
    let [left, at, stride] = [index, 0, 1];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const along = indices[axis] as readonly number[];
      at += (along[left % along.length] as number) * stride;
      left = Math.floor(left / along.length);
      stride *= x.dims[axis] as number;
    }
    return x.values[at] as number;
  });
};

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

const transpose: Fold = ({ node, inputs, budget }) => {
  const x = need(inputs, 0);
  const order = node.ints("perm") ?? range(x.dims.length).reverse();
  const isOrder = order.length === x.dims.length && new Set(order).size === order.length;
  if (!isOrder || order.some((axis) => !(axis in x.dims)))
    throw new Unsupported(`orders ${x.dims.length} axes as ${order.join(", ")}`);
  budget.spend(x.values.length, x.values.length);
  const strides = x.dims.map((_, axis) => sizeOfDims(x.dims.slice(axis + 1)));
  const dims = order.map((axis) => x.dims[axis] as number);
  return constantBy(dims, x.isFloat, (index) => {
    let [left, at] = [index, 0];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const side = dims[axis] as number;
      at += (left % side) * (strides[order[axis] as number] as number);
      left = Math.floor(left / side);
    }
    return x.values[at] as number;
  });
};

const gather: Fold = ({ node, inputs, budget }) => {
  const [x, at] = [need(inputs, 0), need(inputs, 1)];
  const axis = axisOf(node.int("axis", 0), x.dims.length);
  const side = x.dims[axis] as number;
  budget.spend((x.values.length / Math.max(side, 1)) * at.values.length, x.values.length);
  const along = Array.from(at.values, (index) => (index < 0 ? index + side : index));
  if (along.some((index) => !(index >= 0 && index < side)))
    throw new Unsupported(`gathers past the end of its ${side} numbers`);
  const taken = gatherAxes(
    x,
    x.dims.map((length, each) => (each === axis ? along : range(length))),
  );
  return { ...taken, dims: [...x.dims.slice(0, axis), ...at.dims, ...x.dims.slice(axis + 1)] };
};

const concat: Fold = ({ node, inputs, budget }) => {
  const parts = inputs.map((_, index) => need(inputs, index));
  const [first] = parts as [Constant];
  const axis = axisOf(node.int("axis", 0), first.dims.length);
  const total = parts.reduce((sum, { values }) => sum + values.length, 0);
  budget.spend(total, total);
  const rest = (dims: readonly number[]): string => String(dims.toSpliced(axis, 1));
  if (parts.some(({ dims }) => rest(dims) !== rest(first.dims)))
    throw new Unsupported("concatenates constants of different shapes");
  const inner = sizeOfDims(first.dims.slice(axis + 1));
  const outer = sizeOfDims(first.dims.slice(0, axis));
  const values: number[] = [];
  for (let row = 0; row < outer; row++) {
    for (const part of parts) {
      const length = (part.dims[axis] as number) * inner;
      for (let index = 0; index < length; index++)
        values.push(part.values[row * length + index] as number);
    }
  }
  const side = parts.reduce((sum, { dims }) => sum + (dims[axis] as number), 0);
  return { ...first, dims: first.dims.with(axis, side), values };
};

/** The indices that a slice takes of an axis, in either direction. */
const sliceIndices = (side: number, start: number, end: number, step: number): number[] => {
  const inside = (at: number, least: number, most: number): number =>
    Math.min(Math.max(at < 0 ? at + side : at, least), most);
  if (step > 0) {
    const [from, to] = [inside(start, 0, side), inside(end, 0, side)];
    return range(Math.max(Math.ceil((to - from) / step), 0)).map((index) => from + index * step);
  }
  const [from, to] = [inside(start, -1, side - 1), inside(end, -1, side - 1)];
  return range(Math.max(Math.ceil((to - from) / step), 0)).map((index) => from + index * step);
};

const slice: Fold = ({ node, inputs, budget }) => {
  const x = need(inputs, 0);
  const read = (name: string, index: number) => node.ints(name) ?? intsOf(inputs[index]);
  const [starts, ends] = [read("starts", 1) ?? [], read("ends", 2) ?? []];
  const axes = axesOf(read("axes", 3) ?? range(starts.length), x.dims.length);
  const steps = intsOf(inputs[4]) ?? [];
  const along = x.dims.map(range);
  for (const [index, axis] of axes.entries()) {
    const [start = 0, end = 0, step = 1] = [starts[index], ends[index], steps[index]];
    if (step === 0) throw new Unsupported("takes constants in steps of 0");
    along[axis] = sliceIndices(x.dims[axis] as number, start, end, step);
  }
  const taken = along.map(({ length }) => length);
  budget.spend(sizeOfDims(taken), x.values.length);
  return gatherAxes(x, along);
};

const expandTo = (x: Constant, dims: readonly number[], budget: FoldBudget): Constant => {
  budget.spend(sizeOfDims(dims), x.values.length);
  const indexOf = broadcastIndices(x, dims);
  return constantBy(dims, x.isFloat, (index) => x.values[indexOf(index)] as number);
};

const expand: Fold = ({ inputs, budget }) => {
  const x = need(inputs, 0);
  return expandTo(x, broadcastDims([x.dims, intsOf(need(inputs, 1)) ?? []]), budget);
};

const constantOfShape: Fold = ({ node, inputs, budget }) => {
  const value = node.tensor("value") ?? { ...integers([0]), isFloat: true };
  return expandTo(value, intsOf(need(inputs, 0)) ?? [], budget);
};

const where: Fold = ({ inputs, budget }) => {
  const [condition, yes, no] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
  const dims = broadcastDims([condition.dims, yes.dims, no.dims]);
  const [chosen, one, other] = [condition, yes, no].map((each) => expandTo(each, dims, budget)) as [
    Constant,
    Constant,
    Constant,
  ];
  return constantBy(
    dims,
    yes.isFloat,
    (index) => (chosen.values[index] ? one : other).values[index] as number,
  );
};

const rangeOf: Fold = ({ inputs, budget }) => {
  const [start, limit, step] = [0, 1, 2].map((index) => need(inputs, index).values[0] ?? 0) as [
    number,
    number,
    number,
  ];
  const count = Math.max(Math.ceil((limit - start) / step), 0);
  budget.spend(Number.isFinite(count) ? count : Number.POSITIVE_INFINITY, 0);
  return constantBy([count], need(inputs, 0).isFloat, (index) => start + index * step);
};

const ELEMENT_FLOATS: ReadonlySet<number> = new Set([1, 10, 11, 16]);

const cast: Fold = ({ node, inputs, budget }) => {
  const x = need(inputs, 0);
  budget.spend(x.values.length, x.values.length);
  const isFloat = ELEMENT_FLOATS.has(node.int("to", 1));
  return constantBy(x.dims, isFloat, (index) => {
    const value = x.values[index] as number;
    return isFloat ? value : Math.trunc(value);
  });
};

const reduceProduct: Fold = ({ node, inputs }) => {
  const x = need(inputs, 0);
  if (x.dims.length > 1) throw new Unsupported("multiplies constants over several axes");
  const product = Array.from(x.values).reduce((all, each) => all * each, 1);
  return { ...integers([product], node.int("keepdims", 1) ? [1] : []), isFloat: x.isFloat };
};

/** (q - zero point) * scale, with one scale for all or one along an axis. */
const dequantize: Fold = ({ node, inputs, budget }) => {
  const [x, scale, zero] = [need(inputs, 0), need(inputs, 1), inputs[2]];
  const isOne = scale.values.length === 1;
  const axis = isOne ? 0 : axisOf(node.int("axis", 1), x.dims.length);
  if (node.int("block_size", 0) !== 0) throw new Unsupported("has scales for blocks");
  if (!isOne && scale.values.length !== x.dims[axis])
    throw new Unsupported(`has ${scale.values.length} scales for ${x.dims[axis]} filters`);
  budget.spend(x.values.length, x.values.length);
  const inner = sizeOfDims(x.dims.slice(axis + 1));
  const side = x.dims[axis] ?? 1;
  return constantBy(x.dims, true, (index) => {
    const at = isOne ? 0 : Math.floor(index / inner) % side;
    return ((x.values[index] as number) - (zero?.values[at] ?? 0)) * (scale.values[at] as number);
  });
};

const FOLDS: Readonly<Record<string, Fold>> = {
  Cast: cast,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  DequantizeLinear: dequantize,
  Expand: expand,
  Flatten: reshape(({ node }, { dims }) => {
    const axis = axisOf(node.int("axis", 1), dims.length + 1);
    return [sizeOfDims(dims.slice(0, axis)), sizeOfDims(dims.slice(axis))];
  }),
  Gather: gather,
  Identity: ({ inputs }) => need(inputs, 0),
  Range: rangeOf,
  ReduceProd: reduceProduct,
  Reshape: reshape(({ node, inputs }, { dims }) => targetDims(node, dims, intsOf(inputs[1]) ?? [])),
  Size: ({ inputs }) => integers([need(inputs, 0).values.length], []),
  Shape: ({ inputs }) => integers(need(inputs, 0).dims),
  Slice: slice,
  Squeeze: reshape(({ node, inputs }, { dims }) => {
    const axes = node.ints("axes") ?? intsOf(inputs[1]);
    const dropped = axes && axesOf(axes, dims.length);
    return dims.filter((side, axis) => (dropped ? !dropped.includes(axis) : side !== 1));
  }),
  Transpose: transpose,
  Unsqueeze: reshape(({ node, inputs }, { dims }) => {
    const axes = node.ints("axes") ?? intsOf(inputs[1]) ?? [];
    const rank = dims.length + axes.length;
    const added = axesOf(axes, rank);
    const left = [...dims];
    return range(rank).map((axis) => (added.includes(axis) ? 1 : (left.shift() as number)));
  }),
  Where: where,
};

const CONSTANT_ATTRIBUTES = ["value_float", "value_floats", "value_int", "value_ints"] as const;

/** The numbers of a node `Constant`. */
const constantNode = (node: ReadNode): Constant => {
  const tensor = node.tensor("value");
  if (tensor) return tensor;
  const name = CONSTANT_ATTRIBUTES.find(node.has);
  switch (name) {
    case "value_float":
      return { ...integers([node.float(name, 0)], []), isFloat: true };
    case "value_floats":
      return { ...integers(node.floats(name) ?? []), isFloat: true };
    case "value_int":
      return integers([node.int(name, 0)], []);
    case "value_ints":
      return integers(node.ints(name) ?? []);
    default:
      throw new Unsupported("has no numbers");
  }
};

/** Whether constants can be computed by an operator. */
export const isFolded = (op: string): boolean =>
  op === "Constant" || ELEMENTWISE.has(op) || Object.hasOwn(FOLDS, op);

/**
 * What a node computes from constants; undefined if its operator is not one for constants.
 * @throws Unsupported if the constants do not fit, or the result is too large.
 */
export const foldNode = (call: FoldCall): Constant | undefined => {
  const { node, inputs, budget } = call;
  if (node.op === "Constant") return constantNode(node);
  if (Object.hasOwn(FOLDS, node.op)) return (FOLDS[node.op] as Fold)(call);
  const given = inputs.filter((input) => input !== undefined);
  return given.length === inputs.length ? foldElementwise(node.op, given, budget) : undefined;
};
