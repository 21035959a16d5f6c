import type { z } from "zod";
import { fields, listOf, numberThat, oneOf, range, whole, yesOrNo } from "./description-fields.js";
import { MAX_CONVS, MAX_EPSILON, MAX_KERNEL, MAX_POOL, MAX_WIDTH, MIN_EPSILON } from "./limits.js";
import { blockOrders, netNameSchema } from "./spec.js";

const DEFAULT_ORDER = "conv-norm-activation";
/** PyTorch's default for a norm. */
const DEFAULT_EPSILON = 1e-5;

const convDescription = fields({
  /** Output channels. The last convolution has none to tell: it gets one output per class. */
  width: whole(1, MAX_WIDTH).optional(),
  kernel: whole(1, MAX_KERNEL),
  /** (kernel - 1) / 2 where absent; an even kernel has no such pad. */
  pad: whole(0, MAX_KERNEL - 1).optional(),
  groups: whole(1, MAX_WIDTH).default(1),
  /** Groups of the channel shuffle in front of it; 1 is none. */
  shuffle: whole(1, MAX_WIDTH).default(1),
  /** Where absent: whether it is neither the first nor the last. */
  isQuantized: yesOrNo().optional(),
  /** Share of its input that training drops. */
  dropout: numberThat("a share from 0 to below 1", (value) => value >= 0 && value < 1).default(0),
  /** Stands behind the convolution; its stride is its size where absent. */
  pool: fields({
    kind: oneOf(["max", "average"]),
    size: whole(1, MAX_POOL),
    stride: whole(1, MAX_POOL).optional(),
    pad: whole(0, Math.floor(MAX_POOL / 2)).default(0),
  }).optional(),
});
type ConvDescription = z.output<typeof convDescription>;

const normDescription = fields({
  epsilon: range(MIN_EPSILON, MAX_EPSILON).default(DEFAULT_EPSILON),
  /** Gammas are raised to this in every forward pass; null leaves them free. */
  minGamma: range(0, 1).nullable().default(null),
});

/** What a convolution lacks or has too much of, as [field, problem]. */
const convProblems = (conv: ConvDescription, isLast: boolean): [string, string][] => {
  const problems: [string, string][] = [];
  if (isLast && conv.width !== undefined)
    problems.push(["width", "the last convolution has none: it gets one output per class"]);
  if (!isLast && conv.width === undefined)
    problems.push(["width", "is missing (only the last convolution has none)"]);
  if (conv.pad === undefined && conv.kernel % 2 === 0)
    problems.push([
      "pad",
      `is missing, and no pad of an even kernel (${conv.kernel}) is the usual one`,
    ]);
  return problems;
};

const completeConv = ({ pad, isQuantized, pool, ...conv }: ConvDescription, isInner: boolean) => ({
  ...conv,
  pad: pad ?? (conv.kernel - 1) / 2,
  isQuantized: isQuantized ?? isInner,
  ...(pool && { pool: { ...pool, stride: pool.stride ?? pool.size } }),
});

/**
 * A net as people write it: a chain of convolutions, then the mean over the whole map. What stands
 * around it (images, classes, quantization) comes from elsewhere. The output has every default filled
 * in and is itself a description.
 */
export const netDescriptionSchema = fields({
  /** The net's arch, and the default name of its files. */
  name: netNameSchema,
  order: oneOf(blockOrders).default(DEFAULT_ORDER),
  norm: normDescription.prefault({}),
  convs: listOf(convDescription, { name: "convolutions", least: 2, most: MAX_CONVS }),
})
  .superRefine(({ convs }, context) => {
    convs.forEach((conv, at) => {
      for (const [field, message] of convProblems(conv, at === convs.length - 1))
        context.addIssue({ code: "custom", path: ["convs", at, field], message });
    });
  })
  .transform(({ convs, ...net }) => ({
    ...net,
    convs: convs.map((conv, at) => completeConv(conv, at > 0 && at < convs.length - 1)),
  }));

/** A net as written, with what has a default left out at will; see docs/own-nets.md. */
export type NetDescription = z.input<typeof netDescriptionSchema>;
/** A description with every default filled in. */
export type CompleteDescription = z.output<typeof netDescriptionSchema>;
