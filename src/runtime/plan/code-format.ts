import type { Activation, Codes } from "./plan.js";

/** The codes that an activation yields; undefined if it yields floats. */
export const codesOf = (activation: Activation): Codes | undefined => {
  switch (activation.kind) {
    case "unit":
      return { kind: "codes", levels: activation.levels, zero: 0, top: activation.levels };
    case "signedUnit": {
      const { levels } = activation;
      return { kind: "codes", levels, zero: levels, top: 2 * levels };
    }
    case "unitSign":
    case "step":
      return { kind: "codes", levels: 1, zero: 0, top: 1 };
    case "sign":
    case "ternary":
      return { kind: "codes", levels: 1, zero: 1, top: 2 };
    // Nets of affine quantizers compute with the floats of their codes.
    case "affine":
    case "identity":
    case "relu":
    case "relu6":
    case "sigmoid":
    case "silu":
    case "hardSigmoid":
    case "hardSwish":
    case "leakyRelu":
      return undefined;
  }
};
