import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";
import { tidyObject } from "../../tensor/tidy.js";

/** Keeps the norm of a map of zeros from dividing by 0. */
const EPSILON = 1e-12;

/** A(x) / |A(x)| per image, [n, h w], and |A(x)|, [n, 1]; A is the sum of squares over channels. */
const attention = (x: Tensor4D): { readonly map: Tensor; readonly norm: Tensor } => {
  const [n, h, w] = x.shape;
  const squares = tf.reshape(tf.sum(tf.square(x), -1), [n, h * w]);
  const norm = tf.maximum(tf.norm(squares, 2, 1, true), EPSILON);
  return { map: tf.div(squares, norm), norm };
};

/**
 * How differently two nets attend to the positions of an image (Zagoruyko & Komodakis 2017, "Paying More Attention to Attention",
 * eq. 2 with p = 2 and squared distances): mean over images of |q(x) - q(t)|², where q(x) = A(x) / |A(x)| and A(x) is the sum of
 * x² over channels. The numbers of channels may differ.
 * With d = 2 (q(x) - q(t)) / n, its gradient is 2 x (d - q(x) (q(x) . d)) / |A(x)|.
 * @param x values of the net that learns, [n, h, w, c]
 * @param taught those of its teacher, [n, h, w, any]
 */
export const attentionDistance = (
  x: Tensor4D,
  taught: Tensor4D,
): { readonly loss: Tensor; readonly dx: Tensor4D } =>
  tidyObject(() => {
    const [n, h, w] = x.shape;
    const { map, norm } = attention(x);
    const difference = tf.sub(map, attention(taught).map);
    const dMap = tf.mul(difference, 2 / n);
    const along = tf.mul(map, tf.sum(tf.mul(map, dMap), 1, true));
    const dSquares = tf.reshape(tf.div(tf.sub(dMap, along), norm), [n, h, w, 1]);
    return {
      loss: tf.div(tf.sum(tf.square(difference)), n),
      dx: tf.mul(tf.mul(x, 2), dSquares) as Tensor4D,
    };
  });
