import { z } from "zod";
import { quantizationSchema } from "../quant/quantization.js";
import { textThat } from "./description-fields.js";

const count = z.int().positive();

const MAX_NAME_LENGTH = 64;

/** A net's name, which is also the name of its files. */
export const netNameSchema = textThat(
  `1 to ${MAX_NAME_LENGTH} letters, digits, - and _`,
  new RegExp(`^[A-Za-z0-9_-]{1,${MAX_NAME_LENGTH}}$`),
);

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
  /** Share of its input that training drops; 0 is none. */
  dropout: z.number().min(0).lt(1).default(0),
});
export type ConvSpec = z.output<typeof convSchema>;

/**
 * Where a block's batch norm stands:
 * - `conv-norm-activation`: every convolution is followed by its norm and an activation, which is the next
 *   convolution's input quantizer, or a ReLU
 * - `norm-activation-conv`: a block is norm, input quantizer, dropout, convolution, ReLU; the norms behind
 *   the first and in front of the last convolution have no gamma and beta
 */
export const blockOrders = ["conv-norm-activation", "norm-activation-conv"] as const;

/**
 * What a net's numbers are:
 * - `trainable`: latent weights, quantized anew in every pass, and batch norms
 * - `baked`: the quantized weights themselves, and batch norms
 * - `merged`: the quantized weights with the batch norms folded in
 */
export const netForms = ["trainable", "baked", "merged"] as const;

/** Names of the whole net's sequence in a state dict: `dorefa` in wqaq, `tnn_bin` elsewhere. */
export const sequenceNames = ["dorefa", "tnn_bin"] as const;

/** A net as plain data: convolutions in a chain, then the mean over the whole map. All that a checkpoint must tell. */
export const netSpecSchema = z.object({
  arch: netNameSchema,
  sequence: z.enum(sequenceNames),
  input: z.object({ channels: count, height: count, width: count }),
  classes: count,
  /** All convolutions; the last has one output per class. */
  convs: z.array(convSchema).min(2),
  quantization: quantizationSchema,
  order: z.enum(blockOrders),
  form: z.enum(netForms).default("trainable"),
  norm: z.object({
    epsilon: z.number().positive(),
    /** Weight of the new batch in the running statistics (PyTorch's momentum), of first and last norm. */
    newStatWeight: z.number().min(0).max(1),
    /** The same for the norms of all other convolutions. */
    blockNewStatWeight: z.number().min(0).max(1),
    /** Whether the gammas of these norms are 1 and stay. */
    isGammaFixed: z.boolean(),
    /** Gammas are raised to this in every forward pass; null leaves them free. */
    minGamma: z.number().nullable(),
  }),
});
export type NetSpec = z.output<typeof netSpecSchema>;

/** The widths of all convolutions but the last: the original's cfg. */
export const widthsOf = (spec: NetSpec): number[] =>
  spec.convs.slice(0, -1).map((conv) => conv.width);

/** Input channels of convolution `at`. */
export const inputChannels = (spec: NetSpec, at: number): number =>
  at === 0 ? spec.input.channels : (spec.convs[at - 1] as ConvSpec).width;
