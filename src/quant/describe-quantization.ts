import type { Quantization } from "./quantization.js";

/** A half of a quantization in words, with the number that its flag takes: "ternary (3)". */
export const describeHalf = (
  half: Quantization["weights"] | Quantization["activations"],
): string => {
  switch (half.kind) {
    case "float":
      return "full precision (32)";
    case "dorefa":
      return half.bits === 32 ? "full precision (32)" : `${half.bits} bits (DoReFa)`;
    case "binary":
      return "binary (2)";
    case "ternary":
      return "ternary (3)";
  }
};

/** A quantization in words: "weights ternary (3), activations binary (2)". */
export const describeQuantization = ({ weights, activations }: Quantization): string =>
  `weights ${describeHalf(weights)}, activations ${describeHalf(activations)}`;
