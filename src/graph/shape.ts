/** The shape of a value for one image: [height, width, channels] of maps, or [features] of a vector. */
export type Shape = readonly number[];

export type MapShape = readonly [height: number, width: number, channels: number];

export const isMaps = (shape: Shape): shape is MapShape => shape.length === 3;

/** The number of channels of maps, or of features of a vector. */
export const channelsOf = (shape: Shape): number => shape.at(-1) as number;

/** The number of values. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** Example: 32x32x16, or 10 for a vector. */
export const shapeText = (shape: Shape): string => shape.join("x");

export const isSameShape = (one: Shape, other: Shape): boolean =>
  one.length === other.length && one.every((side, axis) => side === other[axis]);
