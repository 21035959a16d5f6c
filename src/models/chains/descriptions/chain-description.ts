import type { z } from "zod";
import {
  MAX_CONVS,
  MAX_EPSILON,
  MAX_KERNEL,
  MAX_POOL,
  MAX_WIDTH,
  MIN_EPSILON,
} from "../../../graph/limits.js";
import {
  fields,
  listOf,
  numberThat,
  oneOf,
  range,
  whole,
  yesOrNo,
} from "../../descriptions/description-fields.js";
import { blockOrders, netNameSchema } from "../chain-spec.js";

const DEFAULT_ORDER = "conv-norm-activation";
/** PyTorch's default. */
const DEFAULT_EPSILON = 1e-5;

const convDescription = fields({
  /** Output channels. The last convolution has no width: it gets one output per class. */
  width: whole(1, MAX_WIDTH).optional(),
  kernel: whole(1, MAX_KERNEL),
  /** Default: (kernel - 1) / 2; an even kernel has no default. */
  pad: whole(0, MAX_KERNEL - 1).optional(),
  groups: whole(1, MAX_WIDTH).default(1),
  /** Groups of the channel shuffle before it; 1: none. */
  shuffle: whole(1, MAX_WIDTH).default(1),
  /** Default: true unless it is the first or the last. */
  isQuantized: yesOrNo().optional(),
  /** Share of its input that is dropped in training. */
  dropout: numberThat(
    "a fraction of at least 0 and below 1",
    (value) => value >= 0 && value < 1,
  ).default(0),
  /** The pool after the convolution; its stride defaults to its size. */
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
  /** Every forward pass raises smaller gammas to this value; null: no limit. */
  minGamma: range(0, 1).nullable().default(null),
});

/** The problems with a convolution's fields, as [field, problem]. */
const convProblems = (conv: ConvDescription, isLast: boolean): [string, string][] => {
  const problems: [string, string][] = [];
  if (isLast && conv.width !== undefined)
    problems.push(["width", "must be left out: the last convolution has one output per class"]);
  if (!isLast && conv.width === undefined)
    problems.push(["width", "is missing (only the last convolution has none)"]);
  if (conv.pad === undefined && conv.kernel % 2 === 0)
    problems.push(["pad", `is missing, and an even kernel (${conv.kernel}) has no default`]);
  return problems;
};

const completeConv = ({ pad, isQuantized, pool, ...conv }: ConvDescription, isInner: boolean) => ({
  ...conv,
  pad: pad ?? (conv.kernel - 1) / 2,
  isQuantized: isQuantized ?? isInner,
  ...(pool && { pool: { ...pool, stride: pool.stride ?? pool.size } }),
});

/**
 * A net as people write it: a chain of convolutions, then the mean over all positions. Images, classes and quantization are
 * specified elsewhere. The output has every default filled in and is itself a valid description.
 */
export const netDescriptionSchema = fields({
  /** The net's `arch`, and the default name of its files. */
  name: netNameSchema,
  order: oneOf(blockOrders).default(DEFAULT_ORDER),
  norm: normDescription.prefault({}),
  convs: listOf(convDescription, { name: "convolutions", least: 2, most: MAX_CONVS }),
})
  .superRefine(({ convs }, context) => {
    convs.forEach((conv, index) => {
      for (const [field, message] of convProblems(conv, index === convs.length - 1))
        context.addIssue({ code: "custom", path: ["convs", index, field], message });
    });
  })
  .transform(({ convs, ...net }) => ({
    ...net,
    convs: convs.map((conv, index) => completeConv(conv, index > 0 && index < convs.length - 1)),
  }));

/** A net as written, with optional defaults; see docs/custom-architectures.md. */
export type NetDescription = z.input<typeof netDescriptionSchema>;
/** A description with every default filled in. */
export type CompleteDescription = z.output<typeof netDescriptionSchema>;
