import { z } from "zod";
import { KEEPS } from "../channel-relation.js";
import { MAX_EPSILON, MIN_EPSILON } from "../limits.js";
import { channelsOf, type Shape } from "../shape.js";
import { defineKind, nodeFields } from "./kind.js";

const sameShape = (_: unknown, [x]: readonly Shape[]): Shape[] => [x as Shape];

const batchNormSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("batchNorm"),
  /** Whether it has gamma and beta. */
  hasAffine: z.boolean(),
  epsilon: z.number().min(MIN_EPSILON).max(MAX_EPSILON),
  /** Weight of the new batch in the running statistics (PyTorch's momentum). */
  newStatWeight: z.number().min(0).max(1),
  /** Whether gamma is fixed at 1. */
  isGammaFixed: z.boolean(),
  /** Every training or test pass raises smaller gammas to this value; null: no limit. */
  minGamma: z.number().min(-1).max(1).nullable(),
});
export type BatchNormNode = z.output<typeof batchNormSchema>;

/** Batch normalization over channels or features (Ioffe & Szegedy 2015). */
export const batchNorm = defineKind<BatchNormNode>({
  schema: batchNormSchema,
  arity: [1, 1],
  outputShapes: sameShape,
  channels: () => KEEPS,
  parameters: ({ hasAffine }, [x]) => {
    const shape = [channelsOf(x as Shape)];
    return [
      ...(hasAffine
        ? ([
            { suffix: "weight", shape, role: "gamma" },
            { suffix: "bias", shape, role: "beta" },
          ] as const)
        : []),
      { suffix: "running_mean", shape, role: "mean" },
      { suffix: "running_var", shape, role: "variance" },
      { suffix: "num_batches_tracked", shape: [], role: "counter", isOptional: true },
    ];
  },
});

const affineSchema = z.strictObject({ ...nodeFields, kind: z.literal("affine") });
export type AffineNode = z.output<typeof affineSchema>;

/**
 * scale x - threshold per channel: what remains of a batch norm that cannot be folded into a convolution, a multiplication and an
 * addition of imported nets, or the trained threshold before a sign (RSign, ReActNet, Liu et al. 2020, eq. 1).
 */
export const affine = defineKind<AffineNode>({
  schema: affineSchema,
  arity: [1, 1],
  outputShapes: sameShape,
  channels: () => KEEPS,
  parameters: (_, [x]) => {
    const shape = [channelsOf(x as Shape)];
    return [
      { suffix: "scale", shape, role: "scale" },
      { suffix: "threshold", shape, role: "threshold" },
    ];
  },
});
