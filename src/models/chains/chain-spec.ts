import { z } from "zod";
import { quantizationSchema } from "../../graph/quantizers.js";
import { textThat } from "../descriptions/description-fields.js";

const count = z.int().positive();

const MAX_NAME_LENGTH = 64;

/** A net's name, which is also the name of its files. */
export const netNameSchema = textThat(
  `1 to ${MAX_NAME_LENGTH} letters, digits, - and _`,
  new RegExp(`^[A-Za-z0-9_-]{1,${MAX_NAME_LENGTH}}$`),
);

/** A pooling layer after a convolution block; average pooling counts its padding. */
export const poolSchema = z.object({
  kind: z.enum(["max", "average"]),
  size: count,
  stride: count,
  pad: z.int().nonnegative(),
});

/** One convolution with the layers around it; kernels are square, padding is symmetric. */
export const convSchema = z.object({
  /** Output channels. */
  width: count,
  kernel: count,
  pad: z.int().nonnegative(),
  groups: count,
  /** Groups of the channel shuffle before it; 1: none. */
  shuffle: count,
  /** Whether its weights and its input are quantized. */
  isQuantized: z.boolean(),
  pool: poolSchema.optional(),
  /** Share of its input that is dropped in training. */
  dropout: z.number().min(0).lt(1).default(0),
});
export type ConvSpec = z.output<typeof convSchema>;

/**
 * The position of a block's batch norm:
 * - `conv-norm-activation`: every convolution is followed by its norm and an activation, which is the input quantizer of the
 *   next convolution, or a ReLU
 * - `norm-activation-conv`: a block is norm, input quantizer, dropout, convolution, ReLU; the norms after the first and before
 *   the last convolution have no gamma and beta
 */
export const blockOrders = ["conv-norm-activation", "norm-activation-conv"] as const;

/**
 * What a net's numbers are:
 * - `trainable`: latent weights, quantized again in every pass, and batch norms
 * - `baked`: the quantized weights themselves, and batch norms
 * - `merged`: the quantized weights with the batch norms folded in
 */
export const netForms = ["trainable", "baked", "merged"] as const;

/** Prefixes of all names in a state dict: `dorefa` in wqaq (weights quantized, activations quantized), `tnn_bin` elsewhere. */
export const sequenceNames = ["dorefa", "tnn_bin"] as const;

/** A net as plain data, all that a checkpoint stores of it: convolutions in a chain, then the mean over all positions. */
export const chainSpecSchema = z.object({
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
    /** The same, for the norms of all other convolutions. */
    blockNewStatWeight: z.number().min(0).max(1),
    /** Whether the gammas of these norms are fixed at 1. */
    isGammaFixed: z.boolean(),
    /** Every forward pass raises smaller gammas to this value; null: no limit. */
    minGamma: z.number().nullable(),
  }),
});
export type ChainSpec = z.output<typeof chainSpecSchema>;

/** The widths of all convolutions except the last: `cfg` in the reference scripts. */
export const widthsOf = (spec: ChainSpec): number[] =>
  spec.convs.slice(0, -1).map((conv) => conv.width);

/** Input channels of convolution `index`. */
export const inputChannels = (spec: ChainSpec, index: number): number =>
  index === 0 ? spec.input.channels : (spec.convs[index - 1] as ConvSpec).width;
