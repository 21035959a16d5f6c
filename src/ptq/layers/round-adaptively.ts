import type { AffineGrid } from "../../quant/numbers/affine-grid.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { LayerWindows } from "./layer-samples.js";

/** The stretched sigmoid h = clip(sigmoid(v) (zeta - gamma) + gamma, 0, 1) (Louizos et al. 2018). */
const [GAMMA, ZETA] = [-0.1, 1.1];
/** Weight of the regularizer, and the exponents between which it moves (AdaRound, section 4). */
const REGULARIZER = 0.01;
const [FIRST_BETA, LAST_BETA] = [20, 2];
/** The share of all steps without regularizer. */
const WARM_UP = 0.2;
const RATE = 0.01;
const [MEAN_DECAY, SQUARE_DECAY, EPSILON] = [0.9, 0.999, 1e-8];

type Tensor3D = Tensor<tf.Rank.R3>;

/** A layer to round. */
export interface RoundingProblem {
  /** [filters, size] in PyTorch's order. */
  readonly weights: Float32Array;
  /** Of each filter. */
  readonly grids: readonly AffineGrid[];
  /** The least and the largest code minus the zero point, of each filter. */
  readonly bounds: readonly (readonly [least: number, most: number])[];
  /** What the layer reads in the float net. */
  readonly float: LayerWindows;
  /** What it reads in the quantized net, at the same positions. */
  readonly quantized: LayerWindows;
}

/**
 * Second moments around the means, [groups, size, size]. Few windows show correlations that are not there, so those between
 * different inputs shrink by count / (count + size); without any, nearest rounding is the best.
 */
const moments = (one: LayerWindows, other: LayerWindows): Tensor3D =>
  tf.tidy(() => {
    const [a, b] = [one, other].map(({ values, groups, count, size }) => {
      const x = tf.tensor3d(values, [groups, count, size]);
      return tf.sub(x, tf.mean(x, 1, true));
    }) as [Tensor3D, Tensor3D];
    const { count, size } = one;
    const kept = count / (count + size);
    const shrunk = tf.add(tf.mul(tf.eye(size), 1 - kept), kept);
    return tf.mul(tf.div(tf.matMul(a, b, true, false), count), shrunk) as Tensor3D;
  });

/** A matrix [groups, filters / groups, size] of one number per filter. */
const perFilter = (numbers: readonly number[], groups: number): Tensor3D =>
  tf.tensor3d(Float32Array.from(numbers), [groups, numbers.length / groups, 1]);

const start = (rest: Tensor): Tensor =>
  // sigmoid(v) (zeta - gamma) + gamma = rest
  tf.neg(tf.log(tf.sub(tf.div(ZETA - GAMMA, tf.sub(rest, GAMMA)), 1)));

/** h and its slope. */
const rectified = (v: Tensor) => {
  const s = tf.sigmoid(v);
  const stretched = tf.add(tf.mul(s, ZETA - GAMMA), GAMMA);
  const isInside = tf.logicalAnd(tf.greater(stretched, 0), tf.less(stretched, 1));
  const slope = tf.mul(tf.mul(tf.mul(s, tf.sub(1, s)), ZETA - GAMMA), tf.cast(isInside, "float32"));
  return { h: tf.clipByValue(stretched, 0, 1), slope };
};

/** The derivative of 1 - |2 h - 1|^beta. */
const regularizerSlope = (h: Tensor, beta: number): Tensor => {
  const centered = tf.sub(tf.mul(h, 2), 1);
  return tf.mul(tf.mul(tf.sign(centered), tf.pow(tf.abs(centered), beta - 1)), -2 * beta);
};

/**
 * AdaRound (Nagel et al. 2020): chooses for every weight whether it is rounded down or up, so that the outputs of the layer
 * change least: the squared error of w x - q x', with the inputs x of the float net and x' of the quantized one, around
 * their means, which a corrected bias removes. The error depends on the inputs only by their second moments, which take
 * the place of images in every step. v, with q = scale (floor(w / scale) + h(v)), starts at w and is trained by Adam; the
 * regularizer 1 - |2 h - 1|^beta drives h to 0 or 1 (eq. 21 to 25). A filter that nearest rounding serves better keeps it.
 *
 * @param steps of Adam
 * @returns codes minus zero points, [filters, size]
 */
export const roundAdaptively = (problem: RoundingProblem, steps: number): Int16Array => {
  const { weights, grids, bounds, float, quantized } = problem;
  const { groups, size } = quantized;
  const filters = grids.length;
  const shape: [number, number, number] = [groups, filters / groups, size];
  const codes = tf.tidy(() => {
    const scale = perFilter(
      grids.map((grid) => grid.scale),
      groups,
    );
    const low = perFilter(
      bounds.map(([least]) => least),
      groups,
    );
    const high = perFilter(
      bounds.map(([, most]) => most),
      groups,
    );
    const gram = moments(quantized, quantized);
    const cross = moments(float, quantized);
    const w = tf.tensor3d(weights, shape);
    const position = tf.minimum(tf.maximum(tf.div(w, scale), low), high);
    const floor = tf.floor(position);
    const wanted = tf.matMul(w, cross) as Tensor3D;
    const rounded = (h: Tensor): Tensor =>
      tf.mul(tf.minimum(tf.maximum(tf.add(floor, h), low), high), scale);
    /** Per filter, up to a constant. */
    const errorOf = (q: Tensor): Tensor =>
      tf.sum(tf.mul(q, tf.sub(tf.matMul(q as Tensor3D, gram), tf.mul(wanted, 2))), 2, true);
    const nearest = tf.round(position);
    const signal = tf.sum(tf.mul(w, wanted), 2, true);
    const power = tf.maximum(tf.add(errorOf(tf.mul(nearest, scale)), signal), 1e-12);
    // The steps of a filter have the size at which its nearest rounding has an error of as much as it has weights.
    const unit = tf.div(size * REGULARIZER * 10, tf.abs(power));
    let v = tf.keep(start(tf.clipByValue(tf.sub(position, floor), 1e-3, 1 - 1e-3)));
    let [mean, square] = [tf.keep(tf.zerosLike(v)), tf.keep(tf.zerosLike(v))];
    for (let step = 1; step <= steps; step++) {
      const progress = (step / steps - WARM_UP) / (1 - WARM_UP);
      const beta = LAST_BETA + 0.5 * (FIRST_BETA - LAST_BETA) * (1 + Math.cos(progress * Math.PI));
      const next = tf.tidy(() => {
        const { h, slope } = rectified(v);
        const q = rounded(h);
        const residual = tf.sub(tf.matMul(q as Tensor3D, gram), wanted);
        const reconstruction = tf.mul(tf.mul(tf.mul(residual, 2), scale), unit);
        const gradient = tf.mul(
          progress < 0
            ? reconstruction
            : tf.add(reconstruction, tf.mul(regularizerSlope(h, beta), REGULARIZER)),
          slope,
        );
        const m = tf.add(tf.mul(mean, MEAN_DECAY), tf.mul(gradient, 1 - MEAN_DECAY));
        const s = tf.add(
          tf.mul(square, SQUARE_DECAY),
          tf.mul(tf.square(gradient), 1 - SQUARE_DECAY),
        );
        const rate = (RATE * Math.sqrt(1 - SQUARE_DECAY ** step)) / (1 - MEAN_DECAY ** step);
        const moved = tf.sub(v, tf.mul(tf.div(m, tf.add(tf.sqrt(s), EPSILON)), rate));
        return [moved, m, s];
      }) as [Tensor, Tensor, Tensor];
      tf.dispose([v, mean, square]);
      [v, mean, square] = next.map((each) => tf.keep(each)) as [Tensor, Tensor, Tensor];
    }
    const up = tf.cast(tf.greaterEqual(rectified(v).h, 0.5), "float32");
    tf.dispose([v, mean, square]);
    const adaptive = tf.minimum(tf.maximum(tf.add(floor, up), low), high);
    const isBetter = tf.cast(
      tf.less(errorOf(tf.mul(adaptive, scale)), errorOf(tf.mul(nearest, scale))),
      "float32",
    );
    return tf.add(nearest, tf.mul(isBetter, tf.sub(adaptive, nearest)));
  });
  const values = Int16Array.from(codes.dataSync());
  codes.dispose();
  return values;
};
