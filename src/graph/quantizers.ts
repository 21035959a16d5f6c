import { z } from "zod";

/** Bits of DoReFa: 1 to 8, or 32 for full precision. */
export const doReFaBits = z.union([z.int().min(1).max(8), z.literal(32)]);

/** Rules that train the range of activations: LSQ (Esser et al. 2020) and PACT (Choi et al. 2018). */
export const learnedRanges = ["lsq", "pact"] as const;
export type LearnedRangeRule = (typeof learnedRanges)[number];

/** Whether a DoReFa grid has several bits, but not full precision. */
export const isMultiBit = (bits: number): boolean => bits >= 2 && bits <= 8;

/** The default factor before the clamp of DoReFa activations; the reference scripts use it to clip fewer inputs. */
export const DOREFA_ACTIVATION_SCALE = 0.1;

/** How a gradient passes a sign; see StraightThrough in tensor/ops/activation.ts. */
const straightThroughSchema = z.enum(["identity", "saturate", "soft"]);

/** Bits of affine quantizers. */
export const affineBits = z.int().min(2).max(8);

/** The quantization of the weights of a quantized convolution. */
export const weightQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z
    .object({
      kind: z.literal("dorefa"),
      bits: doReFaBits,
      /** Whether the range of the grid is trained (LSQ), rather than the largest tanh of the weights; absent otherwise. */
      isLearned: z.literal(true).optional(),
    })
    .refine(({ bits, isLearned }) => !isLearned || isMultiBit(bits), {
      error: "a learned range needs 2 to 8 bits",
      path: ["bits"],
    }),
  z.object({ kind: z.literal("binary"), hasAlpha: z.boolean() }),
  z.object({
    kind: z.literal("ternary"),
    hasAlpha: z.boolean(),
    /** Start of the hysteresis band as a share of the threshold; null: no band. */
    gapRatio: z.number().gt(0).lt(1).nullable(),
  }),
  z.object({
    kind: z.literal("affine"),
    bits: affineBits,
    /** A scale per filter, rather than one of the whole kernel. */
    isPerChannel: z.boolean(),
    /** Codes from -n to n = 2^(bits - 1) - 1 (the narrow range), rather than 2^bits codes around a zero point. */
    isSymmetric: z.boolean(),
  }),
]);
export type WeightQuantization = z.output<typeof weightQuantizationSchema>;

/** The scales of affine grids: their reciprocals have to be float32 numbers. */
export const LEAST_AFFINE_SCALE = 2 ** -100;
const MOST_AFFINE_SCALE = 2 ** 100;

/**
 * The range of an affine quantizer of activations:
 * - `fixed`: x = scale (code - zero) for codes from 0 to 2^bits - 1
 * - `moving-average`: of the least and largest value of each training batch (Jacob et al. 2018, section 3.1)
 * - `learned`: both ends are trained
 */
const affineRangeSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("fixed"),
    scale: z.number().min(LEAST_AFFINE_SCALE).max(MOST_AFFINE_SCALE),
    zero: z.int().min(0).max(255),
  }),
  z.object({ kind: z.literal("moving-average") }),
  z.object({ kind: z.literal("learned") }),
]);

/** The quantization of the input activations of a quantized convolution; float is a plain ReLU. */
export const activationQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z
    .object({
      kind: z.literal("dorefa"),
      bits: doReFaBits,
      scale: z.number().positive(),
      /** Whether the codes have a sign, for inputs that no ReLU precedes; absent otherwise. */
      isSigned: z.literal(true).optional(),
      /** How the range of the grid is trained, in place of the fixed factor `scale`; absent if it is not. */
      learned: z.enum(learnedRanges).optional(),
    })
    .refine(({ bits, isSigned }) => !(isSigned && bits === 1), {
      error: "signed codes need at least 2 bits",
      path: ["bits"],
    })
    .refine(({ bits, learned }) => !learned || isMultiBit(bits), {
      error: "a learned range needs 2 to 8 bits",
      path: ["bits"],
    }),
  z.object({
    kind: z.literal("binary"),
    /** {-1, 0, 1} with sign(0) = 0, or {0, 1}. */
    values: z.enum(["sign", "zero-one"]),
    straightThrough: straightThroughSchema,
  }),
  z.object({ kind: z.literal("ternary"), straightThrough: straightThroughSchema }),
  z
    .object({
      kind: z.literal("affine"),
      bits: affineBits,
      /** Whether the zero point is the middle of the codes, or 0 for values that are never negative. */
      isSymmetric: z.boolean(),
      range: affineRangeSchema,
    })
    .refine(({ bits, range }) => range.kind !== "fixed" || range.zero < 2 ** bits, {
      error: "the zero point must be one of the codes",
      path: ["range"],
    }),
]);
/** A quantizer of activations with scale and zero point. */
export type AffineActivation = Extract<ActivationQuantization, { kind: "affine" }>;
export type ActivationQuantization = z.output<typeof activationQuantizationSchema>;

/** The quantization of a net; all its quantized convolutions share it. */
export const quantizationSchema = z.object({
  weights: weightQuantizationSchema,
  activations: activationQuantizationSchema,
});
export type Quantization = z.output<typeof quantizationSchema>;

/** A net whose weights and activations are not quantized. */
export const FULL_PRECISION = {
  weights: { kind: "float" },
  activations: { kind: "float" },
} as const satisfies Quantization;

/** Whether latent weights are centered and clamped during training. */
export const isConstrained = ({ kind }: WeightQuantization): boolean =>
  kind === "binary" || kind === "ternary";

/** Whether weights are quantized to two or three values. */
export const hasFewValues = (weights: WeightQuantization): boolean =>
  isConstrained(weights) || (weights.kind === "dorefa" && weights.bits === 1);

/** Whether weights or activations keep full precision. */
export const isFloat = (half: Quantization["weights"] | Quantization["activations"]): boolean =>
  half.kind === "float" || (half.kind === "dorefa" && half.bits === 32);

/** Whether neither weights nor activations are quantized. */
export const isFullPrecision = ({ weights, activations }: Quantization): boolean =>
  isFloat(weights) && isFloat(activations);

/** Whether weights or activations have affine quantizers. */
export const isAffine = ({ weights, activations }: Quantization): boolean =>
  weights.kind === "affine" || activations.kind === "affine";

/** Whether a range of the weights' or activations' grid is trained. */
export const learnsRanges = ({ weights, activations }: Quantization): boolean =>
  (weights.kind === "dorefa" && weights.isLearned === true) ||
  (activations.kind === "dorefa" && activations.learned !== undefined);

/** Whether an affine quantizer's range is kept in the state dict, since training chooses it. */
export const storesRange = (quantizer: ActivationQuantization): quantizer is AffineActivation =>
  quantizer.kind === "affine" && quantizer.range.kind !== "fixed";

/** The same quantization with fixed ranges. */
export const withFixedRanges = ({ weights, activations }: Quantization): Quantization => ({
  weights: weights.kind === "dorefa" ? { kind: "dorefa", bits: weights.bits } : weights,
  activations: activations.kind === "dorefa" ? fixedRange(activations) : activations,
});

type DoReFaActivation = Extract<ActivationQuantization, { kind: "dorefa" }>;

const fixedRange = ({ learned: _, ...fixed }: DoReFaActivation): DoReFaActivation => fixed;
