import { Unsupported } from "../../unsupported.js";
import type { Constant } from "../value.js";
import type { FoldBudget } from "./fold-budget.js";

/** Rounds halves to even, as ONNX does. */
const roundEven = (x: number): number => {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
};

/** Functions of one number. */
const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Exp: Math.exp,
  Floor: Math.floor,
  Log: Math.log,
  Neg: (x) => -x,
  Not: (x) => Number(x === 0),
  Reciprocal: (x) => 1 / x,
  Round: roundEven,
  Sign: Math.sign,
  Sqrt: Math.sqrt,
};

const byRemainder = (x: number, y: number): number => x - y * Math.floor(x / y);

/** Functions of two numbers; integers are divided toward 0. */
const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y,
  And: (x, y) => Number(x !== 0 && y !== 0),
  Div: (x, y) => x / y,
  Equal: (x, y) => Number(x === y),
  Greater: (x, y) => Number(x > y),
  GreaterOrEqual: (x, y) => Number(x >= y),
  Less: (x, y) => Number(x < y),
  LessOrEqual: (x, y) => Number(x <= y),
  Max: Math.max,
  Min: Math.min,
  Mod: byRemainder,
  Mul: (x, y) => x * y,
  Or: (x, y) => Number(x !== 0 || y !== 0),
  Pow: (x, y) => x ** y,
  Sub: (x, y) => x - y,
};

/** The operators that are functions of one or two numbers. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([UNARY, BINARY].flatMap(Object.keys));

const COMPARES: ReadonlySet<string> = new Set([
  "And",
  "Equal",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Not",
  "Or",
]);

/** The dimensions of values that are combined number by number, after NumPy's rule. */
export const broadcastDims = (all: readonly (readonly number[])[]): number[] => {
  const rank = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sides = all.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const side = sides.find((each) => each !== 1) ?? 1;
    if (sides.every((each) => each === 1 || each === side)) return side;
    throw new Unsupported(`combines shapes ${all.map((dims) => `[${dims}]`).join(" and ")}`);
  });
};

/** The index of each number of a result among those of a broadcast constant. */
export const broadcastIndices = (
  { dims }: Pick<Constant, "dims">,
  result: readonly number[],
): ((index: number) => number) => {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = result.length - 1; axis >= 0; axis--) {
    const side = dims[axis - result.length + dims.length] ?? 1;
    strides[axis] = side === 1 ? 0 : stride;
    stride *= side;
  }
  return (index) => {
    let [left, at] = [index, 0];
    for (let axis = result.length - 1; axis >= 0; axis--) {
      const side = result[axis] as number;
      at += (left % side) * (strides[axis] as number);
      left = Math.floor(left / side);
    }
    return at;
  };
};

export const sizeOfDims = (dims: readonly number[]): number =>
  dims.reduce((product, side) => product * side, 1);

/** A constant of which each number is computed by its index; floats have 32 bits. */
export const constantBy = (
  dims: readonly number[],
  isFloat: boolean,
  compute: (index: number) => number,
): Constant => {
  const length = sizeOfDims(dims);
  if (!dims.every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new Unsupported(`has a constant of the impossible shape [${dims}]`);
  const values = isFloat ? new Float32Array(length) : new Float64Array(length);
  for (let index = 0; index < length; index++) values[index] = compute(index);
  return { kind: "constant", dims, values, isFloat };
};

/** A function of one or several constants, number by number. Undefined for other operators. */
export const foldElementwise = (
  op: string,
  inputs: readonly Constant[],
  budget: FoldBudget,
): Constant | undefined => {
  const [first, second] = inputs;
  if (!first || !ELEMENTWISE.has(op)) return undefined;
  const [unary, binary] = [UNARY[op], BINARY[op]];
  const isFloat = !COMPARES.has(op) && inputs.every((input) => input.isFloat);
  if (unary && inputs.length === 1) {
    budget.spend(first.values.length, first.values.length);
    return constantBy(first.dims, isFloat, (index) => unary(first.values[index] as number));
  }
  if (!binary || !second || inputs.length !== 2) return undefined;
  const dims = broadcastDims([first.dims, second.dims]);
  budget.spend(sizeOfDims(dims), Math.max(first.values.length, second.values.length));
  const [indexOfFirst, indexOfSecond] = [
    broadcastIndices(first, dims),
    broadcastIndices(second, dims),
  ];
  const truncates = op === "Div" && !isFloat;
  return constantBy(dims, isFloat, (index) => {
    const x = first.values[indexOfFirst(index)] as number;
    const result = binary(x, second.values[indexOfSecond(index)] as number);
    return truncates ? Math.trunc(result) : result;
  });
};
