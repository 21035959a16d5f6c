import { z } from "zod";

/** Bits of DoReFa: 1 to 8, or 32 for full precision. */
export const doReFaBits = z.union([z.int().min(1).max(8), z.literal(32)]);

/** The factor before the clamp of DoReFa activations: the original's trick against clipping error. */
export const DOREFA_ACTIVATION_SCALE = 0.1;

/** How a gradient passes a sign; see core's StraightThrough. */
const straightThroughSchema = z.enum(["identity", "saturate", "soft"]);

/** How the weights of a quantized convolution are quantized. */
export const weightQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z.object({ kind: z.literal("dorefa"), bits: doReFaBits }),
  z.object({ kind: z.literal("binary"), hasAlpha: z.boolean() }),
  z.object({
    kind: z.literal("ternary"),
    hasAlpha: z.boolean(),
    /** Share of the threshold where the gap begins; null without a gap. */
    gapRatio: z.number().gt(0).lt(1).nullable(),
  }),
]);
export type WeightQuantization = z.output<typeof weightQuantizationSchema>;

/** How the input activations of a quantized convolution are quantized; float is a plain ReLU. */
export const activationQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z.object({ kind: z.literal("dorefa"), bits: doReFaBits, scale: z.number().positive() }),
  z.object({
    kind: z.literal("binary"),
    /** {-1, 0, 1} with sign(0) = 0, or {0, 1}. */
    values: z.enum(["sign", "zero-one"]),
    straightThrough: straightThroughSchema,
  }),
  z.object({ kind: z.literal("ternary"), straightThrough: straightThroughSchema }),
]);
export type ActivationQuantization = z.output<typeof activationQuantizationSchema>;

/** One pair describes every mix; all quantized convolutions of a net share it. */
export const quantizationSchema = z.object({
  weights: weightQuantizationSchema,
  activations: activationQuantizationSchema,
});
export type Quantization = z.output<typeof quantizationSchema>;

/** Latent weights of these kinds are centred and clamped while a net is trained. */
export const isConstrained = ({ kind }: WeightQuantization): boolean =>
  kind === "binary" || kind === "ternary";

const isFloat = (half: Quantization["weights"] | Quantization["activations"]): boolean =>
  half.kind === "float" || (half.kind === "dorefa" && half.bits === 32);

/** True where neither weights nor activations are quantized. */
export const isFullPrecision = ({ weights, activations }: Quantization): boolean =>
  isFloat(weights) && isFloat(activations);

/**
 * The n of which quantized inputs hold whole multiples of 1 / n while the weights of a filter have a grid too;
 * null where either is a float. A pool or dropout between the quantizer and the convolution may still
 * change the inputs.
 */
export const codeLevels = ({ weights, activations }: Quantization): number | null => {
  if (isFloat(weights) || isFloat(activations)) return null;
  return activations.kind === "dorefa" ? 2 ** activations.bits - 1 : 1;
};
