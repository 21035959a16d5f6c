import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import {
  type ActivationQuantization,
  activationQuantizationSchema,
  DOREFA_ACTIVATION_SCALE,
  isMultiBit,
  learnsRanges,
  type Quantization,
  type WeightQuantization,
  weightQuantizationSchema,
} from "../graph/quantizers.js";
import type { QuantizationFlags } from "./groups/quantization-options.js";

const STRAIGHT_THROUGH = { ste: "identity", saturate_ste: "saturate", soft_ste: "soft" } as const;

/** Whether the number of values (`W`) or of bits (`Wbits`) applies; given options take precedence over defaults. */
const setBy = (
  given: ReadonlySet<string>,
  flags: QuantizationFlags,
  values: "W" | "A",
  bits: "Wbits" | "Abits",
): "values" | "bits" => {
  if (given.has(values) && given.has(bits)) {
    throw usageError(
      `${option(values)} and ${option(bits)} both set the same quantization.`,
      "Give only one of them.",
    );
  }
  if (given.has(values)) return "values";
  if (given.has(bits)) return "bits";
  return flags[values] === undefined ? "bits" : "values";
};

const weightsOf = (flags: QuantizationFlags, given: ReadonlySet<string>): WeightQuantization => {
  const { gap, alpha } = flags;
  const values = setBy(given, flags, "W", "Wbits") === "values" ? flags.W : undefined;
  if (gap !== undefined && values !== 3) {
    throw usageError(
      `${option("gap")} applies only to ternary weights.`,
      `Add ${option("W")} 3, or omit ${option("gap")}.`,
    );
  }
  if (alpha !== undefined && values !== 2 && values !== 3) {
    throw usageError(
      `${option("alpha")} applies only to binary and ternary weights.`,
      `Add ${option("W")} 2 or ${option("W")} 3, or omit ${option("alpha")}.`,
    );
  }
  if (values === 2) return { kind: "binary", hasAlpha: alpha ?? true };
  if (values === 3) {
    return { kind: "ternary", hasAlpha: alpha ?? gap === undefined, gapRatio: gap ?? null };
  }
  if (values === 32 || flags.Wbits === 32) return { kind: "float" };
  return weightQuantizationSchema.parse({ kind: "dorefa", bits: flags.Wbits });
};

const activationsOf = (
  flags: QuantizationFlags,
  given: ReadonlySet<string>,
): ActivationQuantization => {
  const values = setBy(given, flags, "A", "Abits") === "values" ? flags.A : undefined;
  if (flags.ste !== undefined && values !== 2 && values !== 3) {
    throw usageError(
      `${option("ste")} applies only to binary and ternary activations.`,
      `Add ${option("A")} 2 or ${option("A")} 3, or omit ${option("ste")}.`,
    );
  }
  if (flags.binary_values !== undefined && values !== 2) {
    throw usageError(
      `${option("binary_values")} applies only to binary activations.`,
      `Add ${option("A")} 2, or omit ${option("binary_values")}.`,
    );
  }
  const straightThrough = STRAIGHT_THROUGH[flags.ste ?? "saturate_ste"];
  if (values === 2) {
    return { kind: "binary", values: flags.binary_values ?? "sign", straightThrough };
  }
  if (values === 3) return { kind: "ternary", straightThrough };
  if (values === 32 || flags.Abits === 32) return { kind: "float" };
  return activationQuantizationSchema.parse({
    kind: "dorefa",
    bits: flags.Abits,
    scale: DOREFA_ACTIVATION_SCALE,
  });
};

/**
 * The quantization that options and a command's defaults ask for.
 * @throws QpruneError (usage) if options contradict each other or have no effect.
 */
export const resolveQuantization = (
  flags: QuantizationFlags,
  given: ReadonlySet<string>,
): Quantization => {
  const halves = { weights: weightsOf(flags, given), activations: activationsOf(flags, given) };
  if (flags.quantizer === "affine") return affineOf(halves, flags.ranges);
  if (flags.ranges === undefined) return withLearnedRanges(halves, flags.quantizer);
  throw usageError(
    `${option("ranges")} applies only to affine quantizers.`,
    `Add ${option("quantizer")} affine, or omit ${option("ranges")}.`,
  );
};

/** Affine weights per filter, symmetric, and activations with zero points, in the bits of DoReFa's. */
const affineOf = (
  { weights, activations }: Quantization,
  kind: QuantizationFlags["ranges"] = "moving-average",
): Quantization => {
  const bitsOf = (half: Quantization["weights"] | Quantization["activations"]): number | null => {
    if (half.kind === "float") return null;
    if (half.kind === "dorefa" && isMultiBit(half.bits)) return half.bits;
    throw usageError(
      `${option("quantizer")} affine needs 2 to 8 bits.`,
      `Set ${option("Wbits")} and ${option("Abits")} to 2 to 8, or 32 for full precision.`,
    );
  };
  const [weightBits, bits] = [bitsOf(weights), bitsOf(activations)];
  return {
    weights:
      weightBits === null
        ? weights
        : { kind: "affine", bits: weightBits, isPerChannel: true, isSymmetric: true },
    activations:
      bits === null ? activations : { kind: "affine", bits, isSymmetric: false, range: { kind } },
  };
};

/** A quantization whose ranges are trained by the rule that the options name. */
const withLearnedRanges = (
  { weights, activations }: Quantization,
  rule: Exclude<QuantizationFlags["quantizer"], "affine"> = "dorefa",
): Quantization => {
  if (rule === "dorefa") return { weights, activations };
  const halves = rule === "lsq" ? [weights, activations] : [activations];
  if (halves.some((half) => half.kind === "dorefa" && half.bits === 1)) {
    throw usageError(
      `${option("quantizer")} ${rule} trains ranges of 2 to 8 bits, but one bit has only a sign.`,
      `Choose more bits, or binary values with ${option("W")} 2 and ${option("A")} 2.`,
    );
  }
  const learned = {
    weights:
      rule === "lsq" && weights.kind === "dorefa" && isMultiBit(weights.bits)
        ? { ...weights, isLearned: true as const }
        : weights,
    activations:
      activations.kind === "dorefa" && isMultiBit(activations.bits)
        ? { ...activations, learned: rule }
        : activations,
  };
  if (learnsRanges(learned)) return learned;
  throw usageError(
    `${option("quantizer")} ${rule} has no effect: no ${rule === "lsq" ? "weights or activations have" : "activations have"} 2 to 8 bits.`,
    `Set ${option("Wbits")} or ${option("Abits")} to 2 to 8, or omit ${option("quantizer")}.`,
  );
};

/** The options that set each half of a quantization. */
export const QUANTIZATION_FLAGS: Readonly<Record<keyof Quantization, readonly string[]>> = {
  weights: ["Wbits", "W", "quantizer", "alpha", "gap"],
  activations: ["Abits", "A", "quantizer", "ranges", "ste", "binary_values"],
};
