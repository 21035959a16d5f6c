import { samePadding, slide } from "../../base/sliding-window.js";

/** The shape of values that are combined number by number. */
export const broadcast = (one: readonly number[], other: readonly number[]): number[] => {
  const rank = Math.max(one.length, other.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [a = 1, b = 1] = [one, other].map((shape) => shape[axis - rank + shape.length]);
    return Math.max(a, b);
  });
};

/** A shape in which -1 stands for what is left. */
export const reshapedTo = (from: readonly number[], wanted: readonly number[]): number[] => {
  const all = from.reduce((product, side) => product * side, 1);
  const known = wanted.filter((side) => side > 0).reduce((product, side) => product * side, 1);
  return wanted.map((side) => (side < 0 ? all / known : side));
};

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly isSame: boolean;
}

/** The rows and columns of maps after a window. */
export const slidSides = (
  [, height = 1, width = 1]: readonly number[],
  { isSame, ...window }: Window,
): [number, number] => {
  const padding = isSame ? samePadding([height, width], window) : ([0, 0, 0, 0] as const);
  return slide(height, width, { ...window, padding });
};
