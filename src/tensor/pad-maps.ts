import type { Padding } from "../base/sliding-window.js";
import { type Tensor4D, tf } from "./tf.js";

/** Adds rows and columns of a constant around maps [n, h, w, c]. Without any, it returns x itself. */
export const padMaps = (x: Tensor4D, [top, left, bottom, right]: Padding, value = 0): Tensor4D =>
  Math.max(top, left, bottom, right) === 0
    ? x
    : tf.pad4d(
        x,
        [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
        value,
      );
