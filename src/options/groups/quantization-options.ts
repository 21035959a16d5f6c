import { z } from "zod";
import { flag } from "../flag.js";
import { bitSchedule } from "../values/bit-schedule.js";
import { type LayerBitsRule, layerBits } from "../values/layer-bits.js";
import { bits, shareBelowOne, unitNumber, wholeOf } from "../values/numbers.js";

const GROUP = "Quantization";
const DEFAULT_GAP_RATIO = 0.8;

/** The bits or values that a command uses by default. At most one of each pair (`Wbits` and `W`, `Abits` and `A`) is set. */
export interface QuantizationDefaults {
  readonly Wbits?: number;
  readonly Abits?: number;
  readonly W?: 2 | 3 | 32;
  readonly A?: 2 | 3 | 32;
}

const withDefault = <T extends z.ZodType>(schema: T, value: z.input<T> | undefined) =>
  value === undefined ? schema.optional() : schema.default(value as never);

/** Options of both families of quantizers, so that any weights can be combined with any activations. */
export const quantizationOptions = (defaults: QuantizationDefaults) => ({
  Wbits: flag(withDefault(bits(), defaults.Wbits), {
    flag: "--Wbits <bits>",
    effect: "another run",
    aliases: ["--w-bits"],
    description: "DoReFa weights: 1 to 8 bits, or 32 for full precision",
    group: GROUP,
  }),
  Abits: flag(withDefault(bits(), defaults.Abits), {
    flag: "--Abits <bits>",
    effect: "another run",
    aliases: ["--a-bits"],
    description: "DoReFa activations: 1 to 8 bits, or 32 for full precision",
    group: GROUP,
  }),
  W: flag(withDefault(wholeOf([2, 3, 32], "W", "Wbits"), defaults.W), {
    flag: "--W <values>",
    effect: "another run",
    aliases: ["--w"],
    description: "weights with 2 values (binary) or 3 (ternary), or 32 for full precision",
    group: GROUP,
  }),
  A: flag(withDefault(wholeOf([2, 3, 32], "A", "Abits"), defaults.A), {
    flag: "--A <values>",
    effect: "another run",
    aliases: ["--a"],
    description: "activations with 2 values (binary) or 3 (ternary), or 32 for full precision",
    group: GROUP,
  }),
  quantizer: flag(z.enum(["dorefa", "lsq", "pact", "affine"]).optional(), {
    flag: "--quantizer <name>",
    effect: "another run",
    description:
      "ranges of 2 to 8 bits: fixed as in DoReFa (default), trained for weights and activations (lsq), trained for activations (pact), or integers with scale and zero point (affine)",
    group: GROUP,
  }),
  ranges: flag(z.enum(["moving-average", "learned"]).optional(), {
    flag: "--ranges <rule>",
    effect: "another run",
    description:
      "with --quantizer affine: ranges of activations that follow those of the batches (moving-average, default) or are trained (learned)",
    group: GROUP,
  }),
  alpha: flag(z.boolean().optional(), {
    flag: "--alpha",
    effect: "another run",
    negatable: true,
    description: "scale binary or ternary weights per filter (default: yes; with --gap: no)",
    group: GROUP,
  }),
  gap: flag(shareBelowOne(DEFAULT_GAP_RATIO).optional(), {
    flag: "--gap [ratio]",
    effect: "another run",
    description: `hysteresis for ternary weights: between ratio * threshold (default: ${DEFAULT_GAP_RATIO}) and the threshold, a weight keeps its last value`,
    group: GROUP,
  }),
  ste: flag(z.enum(["ste", "saturate_ste", "soft_ste"]).optional(), {
    flag: "--ste <name>",
    effect: "another run",
    description:
      "gradient estimator for binary or ternary activations: ste, saturate_ste (default), soft_ste",
    group: GROUP,
  }),
  binary_values: flag(z.enum(["sign", "zero-one"]).optional(), {
    flag: "--binary-values <name>",
    effect: "another run",
    description: "values of binary activations: -1 and 1 (sign, default) or 0 and 1 (zero-one)",
    group: GROUP,
  }),
  first_last: flag(z.enum(["float", "8"]).optional(), {
    flag: "--first-last <bits>",
    effect: "another run",
    description:
      "bits of the first and last layers, which read the images and compute the classes: float (default) or 8; with --quantizer affine, 8 is the default",
    group: GROUP,
  }),
  depthwise_bits: flag(bits().optional(), {
    flag: "--depthwise-bits <bits>",
    effect: "another run",
    description:
      "DoReFa bits of depthwise convolutions, or 32 for full precision (default: the same as all others; 8 with binary or ternary weights)",
    group: GROUP,
  }),
  layer_bits: flag(layerBits().optional(), {
    flag: "--layer-bits <rules>",
    effect: "another run",
    description:
      "DoReFa bits of the weights and activations of individual layers, by name, as in 'features.1.*=8/8,classifier*=32/32', or a FILE.json of such rules",
    group: GROUP,
  }),
  bit_schedule: flag(bitSchedule().optional(), {
    flag: "--bit-schedule <phases>",
    effect: "another run",
    description:
      "train first with other DoReFa bits, as in 32/32:10,8/8:5 for 10 epochs in full precision and 5 with 8 bits; the epochs after them have the bits of the result",
    group: GROUP,
  }),
  bn_momentum: flag(unitNumber().optional(), {
    flag: "--bn-momentum <weight>",
    effect: "another run",
    description:
      "weight of a new batch in the running statistics of the inner batch norms (default: 0.1)",
    group: GROUP,
  }),
  fixed_gamma: flag(z.boolean().default(false), {
    flag: "--fixed-gamma",
    effect: "another run",
    description: "keep the gammas of the inner batch norms at 1",
    group: GROUP,
  }),
});

/** Parsed {@link quantizationOptions}. */
export interface QuantizationFlags {
  readonly Wbits?: number | undefined;
  readonly Abits?: number | undefined;
  readonly W?: number | undefined;
  readonly A?: number | undefined;
  readonly quantizer?: "dorefa" | "lsq" | "pact" | "affine" | undefined;
  readonly ranges?: "moving-average" | "learned" | undefined;
  readonly alpha?: boolean | undefined;
  readonly gap?: number | undefined;
  readonly ste?: "ste" | "saturate_ste" | "soft_ste" | undefined;
  readonly binary_values?: "sign" | "zero-one" | undefined;
  readonly first_last?: "float" | "8" | undefined;
  readonly depthwise_bits?: number | undefined;
  readonly layer_bits?: readonly LayerBitsRule[] | string | undefined;
  readonly bit_schedule?: string | undefined;
  readonly bn_momentum?: number | undefined;
  readonly fixed_gamma: boolean;
}
