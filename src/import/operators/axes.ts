import { Unsupported } from "../unsupported.js";
import type { ReadNode } from "./read-node.js";
import type { Value } from "./value.js";

/** An axis counted from the front. @throws Unsupported if there is no such axis. */
export const axisOf = (axis: number, rank: number): number => {
  const counted = axis < 0 ? axis + rank : axis;
  if (counted >= 0 && counted < rank) return counted;
  throw new Unsupported(`names axis ${axis} of ${rank}`);
};

/** Axes counted from the front. */
export const axesOf = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => axisOf(axis, rank));

/** The integers of an input; undefined if it is absent. @throws Unsupported if it depends on the images. */
export const intsOf = (value: Value | undefined): number[] | undefined => {
  if (value === undefined) return undefined;
  if (value.kind === "constant") return Array.from(value.values);
  throw new Unsupported("has a shape or axes that depend on the images");
};

/** Sizes larger than any net's are refused before they are multiplied. */
const MAX_SIDE = 2 ** 31;

/** The dimensions that a reshape asks for: 0 keeps a dimension, -1 takes what is left. */
export const targetDims = (
  node: Pick<ReadNode, "int">,
  dims: readonly number[],
  wanted: readonly number[],
): number[] => {
  const keepsZero = node.int("allowzero", 0) === 1;
  const sides = wanted.map((side, axis) => (side === 0 && !keepsZero ? (dims[axis] ?? 0) : side));
  const rest = sides.filter((side) => side !== -1).reduce((product, side) => product * side, 1);
  const all = dims.reduce((product, side) => product * side, 1);
  const result = sides.map((side) => (side === -1 ? all / rest : side));
  if (result.every((side) => Number.isInteger(side) && side >= 0 && side < MAX_SIDE)) return result;
  throw new Unsupported(`changes the shape [${dims}] to [${wanted}]`);
};
