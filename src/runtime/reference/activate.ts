import type { Activation } from "../plan/plan.js";

const { fround } = Math;

const TERNARY_THRESHOLD = 0.5;

/** The nearest whole number, halves to even, of a number that is not negative and below 2^23. */
const nearest = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
};

const clamp = (x: number, least: number, most: number): number => {
  const low = Math.max(x, least);
  return Math.min(low, most);
};

const relu6 = (x: number): number => clamp(x, 0, 6);

const sigmoid = (x: number): number => fround(1 / fround(1 + fround(Math.exp(-x))));

/**
 * The function of an activation on float32 numbers: a float, or the code of an activation that quantizes (see codesOf).
 */
export const activationFunction = (activation: Activation): ((x: number) => number) => {
  switch (activation.kind) {
    case "identity":
      return (x) => x;
    case "relu":
      return (x) => Math.max(x, 0);
    case "relu6":
      return relu6;
    case "sigmoid":
      return sigmoid;
    case "silu":
      return (x) => fround(x * sigmoid(x));
    case "hardSigmoid":
      return (x) => fround(relu6(fround(x + 3)) / 6);
    case "hardSwish":
      return (x) => fround(fround(x * relu6(fround(x + 3))) / 6);
    case "leakyRelu": {
      const slope = fround(activation.slope);
      return (x) => (x > 0 ? x : fround(x * slope));
    }
    case "unit": {
      const { levels, limit = Number.POSITIVE_INFINITY } = activation;
      const scale = fround(activation.scale);
      return (x) => nearest(fround(clamp(fround(Math.min(x, limit) * scale), 0, 1) * levels));
    }
    case "signedUnit": {
      const { levels } = activation;
      const scale = fround(activation.scale);
      return (x) => {
        const scaled = fround(clamp(fround(x * scale), -1, 1) * levels);
        return levels + (scaled < 0 ? -nearest(-scaled) : nearest(scaled));
      };
    }
    case "affine": {
      const { zero, levels } = activation;
      const scale = fround(activation.scale);
      const factor = fround(1 / activation.scale);
      return (x) => {
        const scaled = fround(x * factor);
        const code = scaled < 0 ? -nearest(-scaled) : nearest(scaled);
        return fround(clamp(code, -zero, levels - zero) * scale);
      };
    }
    case "unitSign": {
      const scale = fround(activation.scale);
      return (x) => (fround(x * scale) > 0 ? 1 : 0);
    }
    case "step":
      return (x) => (x > 0 ? 1 : 0);
    case "sign":
      return (x) => 1 + Math.sign(x);
    case "ternary":
      return (x) => (x > TERNARY_THRESHOLD ? 2 : x < -TERNARY_THRESHOLD ? 0 : 1);
  }
};
