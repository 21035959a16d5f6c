import { z } from "zod";

/** Bits of DoReFa: 1 to 8, or 32 for full precision. */
export const doReFaBits = z.union([z.int().min(1).max(8), z.literal(32)]);

/** The factor before the clamp of DoReFa activations: the original's trick against clipping error. */
export const DOREFA_ACTIVATION_SCALE = 0.1;

/** How the weights of a quantized convolution are quantized. */
export const weightQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z.object({ kind: z.literal("dorefa"), bits: doReFaBits }),
]);
export type WeightQuantization = z.output<typeof weightQuantizationSchema>;

/** How the input activations of a quantized convolution are quantized; float is a plain ReLU. */
export const activationQuantizationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("float") }),
  z.object({ kind: z.literal("dorefa"), bits: doReFaBits, scale: z.number().positive() }),
]);
export type ActivationQuantization = z.output<typeof activationQuantizationSchema>;

/** One pair describes every mix; all quantized convolutions of a net share it. */
export const quantizationSchema = z.object({
  weights: weightQuantizationSchema,
  activations: activationQuantizationSchema,
});
export type Quantization = z.output<typeof quantizationSchema>;
