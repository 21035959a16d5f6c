import { randomUnit } from "../../base/random.js";

/** A draw from the standard normal distribution (Box & Muller 1958), a hash of the keys. */
const normal = (...keys: readonly number[]): number => {
  // 1 minus a number in [0, 1) has a logarithm.
  const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(...keys, 0)));
  return radius * Math.cos(2 * Math.PI * randomUnit(...keys, 1));
};

/**
 * A draw from the gamma distribution with this shape (Marsaglia & Tsang 2000, "A simple method for generating gamma
 * variables"), a hash of the keys. Shapes below 1 take a draw of shape + 1 times u^(1 / shape).
 */
const gamma = (shape: number, ...keys: readonly number[]): number => {
  if (shape < 1) {
    return gamma(shape + 1, ...keys, 0) * (1 - randomUnit(...keys, 1)) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let draw = 0; ; draw++) {
    const x = normal(...keys, draw, 0);
    const v = (1 + c * x) ** 3;
    const u = 1 - randomUnit(...keys, draw, 1, 0);
    if (v > 0 && Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
};

/** A draw from Beta(alpha, alpha), from 0 to 1, a hash of the keys. */
export const symmetricBeta = (alpha: number, ...keys: readonly number[]): number => {
  const [x, y] = [gamma(alpha, ...keys, 0), gamma(alpha, ...keys, 1)];
  // Both underflow only for tiny shapes, whose draws are all at the ends.
  return x + y === 0 ? 1 : x / (x + y);
};
