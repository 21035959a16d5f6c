import type { Pair } from "../base/sliding-window.js";
import { type Tensor4D, tf } from "./tf.js";

/**
 * Inserts rows - 1 zeros between neighboring rows of maps [n, h, w, c], and columns - 1 between columns:
 * [n, (h - 1) rows + 1, (w - 1) columns + 1, c]. It is the transpose of taking every rows-th row and columns-th column.
 */
export const spreadMaps = (x: Tensor4D, [rows, columns]: Pair): Tensor4D => {
  if (rows === 1 && columns === 1) return x;
  const [n, h, w, c] = x.shape;
  const parts = tf.pad(tf.reshape(x, [n, h, 1, w, 1, c]), [
    [0, 0],
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(parts, [n, h * rows, w * columns, c]) as Tensor4D;
  return tf.slice4d(whole, [0, 0, 0, 0], [n, (h - 1) * rows + 1, (w - 1) * columns + 1, c]);
};

/** Every rows-th row and columns-th column of maps [n, h, w, c]: the first `height` and `width` of them. */
export const thinMaps = (
  x: Tensor4D,
  [rows, columns]: Pair,
  [height, width]: Pair,
  [top, left]: Pair = [0, 0],
): Tensor4D => {
  const [n, , , c] = x.shape;
  return tf.stridedSlice(
    x,
    [0, top, left, 0],
    [n, top + (height - 1) * rows + 1, left + (width - 1) * columns + 1, c],
    [1, rows, columns, 1],
  ) as Tensor4D;
};
