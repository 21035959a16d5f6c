import { z } from "zod";
import { quantizationSchema } from "../quant/quantization.js";

const count = z.int().positive();

/** A pooling layer behind a convolution block; average pooling counts its padding. */
export const poolSchema = z.object({
  kind: z.enum(["max", "average"]),
  size: count,
  stride: count,
  pad: z.int().nonnegative(),
});

/** One convolution with what stands around it; kernels are square, padding symmetric. */
export const convSchema = z.object({
  /** Output channels. */
  width: count,
  kernel: count,
  pad: z.int().nonnegative(),
  groups: count,
  /** Groups of the channel shuffle in front of it; 1 is none. */
  shuffle: count,
  /** Whether its weights and its input are quantized. */
  isQuantized: z.boolean(),
  pool: poolSchema.optional(),
});
export type ConvSpec = z.output<typeof convSchema>;

/** Names of the whole net's sequence in a state dict: `dorefa` in wqaq, `tnn_bin` elsewhere. */
export const sequenceNames = ["dorefa", "tnn_bin"] as const;

/**
 * A net as plain data: convolutions in a chain, each followed by batch norm and activation, the last
 * by batch norm, ReLU and the mean over the whole map. Everything that a checkpoint must tell.
 */
export const netSpecSchema = z.object({
  arch: z.string(),
  sequence: z.enum(sequenceNames),
  input: z.object({ channels: count, height: count, width: count }),
  classes: count,
  /** All convolutions; the last has one output per class. */
  convs: z.array(convSchema).min(2),
  quantization: quantizationSchema,
  norm: z.object({
    epsilon: z.number().positive(),
    /** Weight of the new batch in the running statistics (PyTorch's momentum). */
    newStatWeight: z.number().min(0).max(1),
  }),
});
export type NetSpec = z.output<typeof netSpecSchema>;

/** The widths of all convolutions but the last: the original's cfg. */
export const widthsOf = (spec: NetSpec): number[] =>
  spec.convs.slice(0, -1).map((conv) => conv.width);
