import { z } from "zod";
import { MAX_KERNEL } from "./limits.js";

const size = z.int().positive().max(MAX_KERNEL);
/** [vertical, horizontal] */
export const pairSchema = z.tuple([size, size]).readonly();

const border = z.int().nonnegative().max(MAX_KERNEL);
/** Rows and columns added around maps: [top, left, bottom, right], the order of ONNX. */
export const paddingSchema = z.tuple([border, border, border, border]).readonly();

export type Pair = z.output<typeof pairSchema>;
export type Padding = z.output<typeof paddingSchema>;

/** Both sides of a window as one number if they are equal. */
export type Sides = number | Pair;

export const NO_PADDING: Padding = [0, 0, 0, 0];
export const ONE: Pair = [1, 1];

/** The same padding on every side. */
export const evenly = (border: number): Padding => [border, border, border, border];
