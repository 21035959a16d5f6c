import { defineOp } from "../op.js";
import { type Tensor, type Tensor4D, tf } from "../tf.js";

/** How maps get other sides. */
export interface Resizing {
  readonly height: number;
  readonly width: number;
  readonly method: "nearest" | "bilinear";
  /** Whether the centers of the corner pixels of input and output coincide (PyTorch's align_corners); only bilinear. */
  readonly alignsCorners: boolean;
}

type How = Pick<Resizing, "method" | "alignsCorners">;

/** An input row and its weight in an output row. */
type Tap = readonly [row: number, weight: number];

const { fround } = Math;

/** floor(at from / to) in float32, in which the quotient may fall below a whole number; exact for equal and double sides. */
const nearestTaps = (at: number, from: number, to: number): Tap[] => {
  if (to === from || to === 2 * from) return [[Math.floor((at * from) / to), 1]];
  return [[Math.min(Math.floor(fround(at * fround(from / to))), from - 1), 1]];
};

const bilinearTaps = (at: number, from: number, to: number, alignsCorners: boolean): Tap[] => {
  const cornerScale = to > 1 ? fround((from - 1) / (to - 1)) : 0;
  const source = alignsCorners
    ? fround(cornerScale * at)
    : Math.max(0, fround(fround(fround(from / to) * (at + 0.5)) - 0.5));
  const first = Math.min(Math.floor(source), from - 1);
  const rest = fround(Math.min(source - first, 1));
  return [
    [first, fround(1 - rest)],
    [Math.min(first + 1, from - 1), rest],
  ];
};

/** The weights of input rows in output rows: [1, to, from]. */
const weights = (from: number, to: number, { method, alignsCorners }: How): Tensor => {
  const values = new Float32Array(to * from);
  for (let at = 0; at < to; at++) {
    const taps =
      method === "nearest" ? nearestTaps(at, from, to) : bilinearTaps(at, from, to, alignsCorners);
    for (const [row, weight] of taps) (values[at * from + row] as number) += weight;
  }
  return tf.tensor3d(values, [1, to, from]);
};

/** Multiplies the rows, then the columns of maps by matrices of weights, which are transposed for the gradient. */
const multiplySides = (
  x: Tensor4D,
  rowWeights: Tensor,
  columnWeights: Tensor,
  isTransposed: boolean,
): Tensor4D => {
  const [n, h, w, c] = x.shape;
  const [height, width] = [rowWeights, columnWeights].map(
    ({ shape }) => shape[isTransposed ? 2 : 1] as number,
  ) as [number, number];
  const rows = tf.matMul(rowWeights, tf.reshape(x, [n, h, w * c]), isTransposed);
  const maps = tf.matMul(columnWeights, tf.reshape(rows, [n * height, w, c]), isTransposed);
  return tf.reshape(maps, [n, height, width, c]);
};

/** Maps of other sides, as PyTorch's interpolate with these sides computes them: [n, h, w, c] -> [n, height, width, c]. */
export const resize = defineOp(
  "resize",
  (x: Tensor4D, resizing: Resizing): Tensor4D =>
    tf.tidy(() => {
      const { height, width } = resizing;
      const rowWeights = weights(x.shape[1], height, resizing);
      return multiplySides(x, rowWeights, weights(x.shape[2], width, resizing), false);
    }),
);

/** Gradient of {@link resize} with respect to its input, with shape `inputShape`. */
export const resizeGradient = defineOp(
  "resizeGradient",
  (dy: Tensor4D, inputShape: Tensor4D["shape"], resizing: Resizing): Tensor4D =>
    tf.tidy(() => {
      const { height, width } = resizing;
      const rowWeights = weights(inputShape[1], height, resizing);
      return multiplySides(dy, rowWeights, weights(inputShape[2], width, resizing), true);
    }),
);
