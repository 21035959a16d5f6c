import { usageError } from "../base/errors.js";
import {
  type ActivationQuantization,
  activationQuantizationSchema,
  DOREFA_ACTIVATION_SCALE,
  type Quantization,
  type WeightQuantization,
  weightQuantizationSchema,
} from "../quant/quantization.js";
import type { QuantizationFlags } from "./commands/quantization-options.js";

const STRAIGHT_THROUGH = { ste: "identity", saturate_ste: "saturate", soft_ste: "soft" } as const;

/** Whether a half is told by the number of values (`--W`) or by the bits (`--Wbits`); a given flag beats a default. */
const isTold = (
  given: ReadonlySet<string>,
  flags: QuantizationFlags,
  values: "W" | "A",
  bits: "Wbits" | "Abits",
): "values" | "bits" => {
  if (given.has(values) && given.has(bits)) {
    throw usageError(`--${values} and --${bits} both set the same thing.`, "Give one of them.");
  }
  if (given.has(values)) return "values";
  if (given.has(bits)) return "bits";
  return flags[values] === undefined ? "bits" : "values";
};

const weightsOf = (flags: QuantizationFlags, given: ReadonlySet<string>): WeightQuantization => {
  const { gap, alpha } = flags;
  const values = isTold(given, flags, "W", "Wbits") === "values" ? flags.W : undefined;
  if (gap !== undefined && values !== 3) {
    throw usageError("--gap belongs to ternary weights.", "Add --W 3, or leave --gap out.");
  }
  if (alpha !== undefined && values !== 2 && values !== 3) {
    throw usageError(
      "--alpha and --no-alpha belong to binary and ternary weights.",
      "Add --W 2 or --W 3, or leave the flag out.",
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
  const values = isTold(given, flags, "A", "Abits") === "values" ? flags.A : undefined;
  if (flags.ste !== undefined && values !== 2 && values !== 3) {
    throw usageError(
      "--ste belongs to binary and ternary activations.",
      "Add --A 2 or --A 3, or leave --ste out.",
    );
  }
  if (flags.binary_values !== undefined && values !== 2) {
    throw usageError(
      "--binary-values belongs to binary activations.",
      "Add --A 2, or leave --binary-values out.",
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
 * The quantization that flags and a command's defaults ask for.
 * @throws QpruneError (usage) where flags contradict each other or have nothing to act on.
 */
export const resolveQuantization = (
  flags: QuantizationFlags,
  given: ReadonlySet<string>,
): Quantization => ({
  weights: weightsOf(flags, given),
  activations: activationsOf(flags, given),
});

/** The options that speak of each half of a quantization. */
export const QUANTIZATION_FLAGS: Readonly<Record<keyof Quantization, readonly string[]>> = {
  weights: ["Wbits", "W", "alpha", "gap"],
  activations: ["Abits", "A", "ste", "binary_values"],
};
