import type { Quantization } from "../graph/quantizers.js";

type Half = Quantization["weights"] | Quantization["activations"];

/** The weights or activations of a quantization as a word, or in bits: "ternary", "8", "32". */
export const nameHalf = (half: Half): string => {
  switch (half.kind) {
    case "float":
      return "32";
    case "dorefa":
    case "affine":
      return String(half.bits);
    case "binary":
    case "ternary":
      return half.kind;
  }
};

/** The numbers by which --W and --A choose these quantizers. */
const FLAG_NUMBERS = { binary: 2, ternary: 3 } as const;

/** The rule by which the range of a grid is chosen. */
const ruleOf = (half: Extract<Half, { kind: "dorefa" }>): string => {
  if ("learned" in half && half.learned) return half.learned.toUpperCase();
  return "isLearned" in half && half.isLearned ? "LSQ" : "DoReFa";
};

/** Which affine grid it is. */
const affineRule = (half: Half): string =>
  half.kind === "affine" && half.isSymmetric ? "affine, symmetric" : "affine";

/** The weights or activations of a quantization in words, with the number that their flag takes: "ternary (3)". */
export const describeHalf = (half: Half): string => {
  const name = nameHalf(half);
  if (half.kind === "binary" || half.kind === "ternary") {
    return `${name} (${FLAG_NUMBERS[half.kind]})`;
  }
  if (name === "32") return "full precision (32)";
  return `${name} bits (${half.kind === "dorefa" ? ruleOf(half) : affineRule(half)})`;
};

/** A quantization in words: "weights ternary (3), activations binary (2)". */
export const describeQuantization = ({ weights, activations }: Quantization): string =>
  `weights ${describeHalf(weights)}, activations ${describeHalf(activations)}`;
