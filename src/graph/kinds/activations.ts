import { z } from "zod";
import { KEEPS } from "../channel-relation.js";
import { activationQuantizationSchema, storesRange } from "../quantizers.js";
import { channelsOf, type Shape } from "../shape.js";
import { defineKind, nodeFields } from "./kind.js";

const sameShape = (_: unknown, [x]: readonly Shape[]): Shape[] => [x as Shape];

/**
 * Elementwise functions without parameters, as PyTorch defines them:
 * - `relu`: max(x, 0); `relu6`: min(max(x, 0), 6)
 * - `sigmoid`: 1 / (1 + exp(-x)); `silu`: x sigmoid(x) (also called swish)
 * - `hardSigmoid`: relu6(x + 3) / 6; `hardSwish`: x hardSigmoid(x) (MobileNetV3, Howard et al. 2019, section 5.2)
 * - `leakyRelu`: x where x > 0, otherwise slope x
 */
export const activationFunctions = [
  "relu",
  "relu6",
  "sigmoid",
  "silu",
  "hardSigmoid",
  "hardSwish",
  "leakyRelu",
] as const;

const activationSchema = z
  .strictObject({
    ...nodeFields,
    kind: z.literal("activation"),
    function: z.enum(activationFunctions),
    /** Of a leaky ReLU; absent for all others. */
    slope: z.number().min(-1).max(1).optional(),
  })
  .refine((node) => (node.slope !== undefined) === (node.function === "leakyRelu"), {
    error: "a slope is only for leakyRelu, which needs one",
    path: ["slope"],
  });
export type ActivationNode = z.output<typeof activationSchema>;

export const activation = defineKind<ActivationNode>({
  schema: activationSchema,
  arity: [1, 1],
  outputShapes: sameShape,
  channels: () => KEEPS,
});

const preluSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("prelu"),
  /** Whether all channels share one slope. */
  isShared: z.boolean(),
});
export type PreluNode = z.output<typeof preluSchema>;

/** x where x > 0, otherwise slope x with a trained slope per channel (He et al. 2015, eq. 1). */
export const prelu = defineKind<PreluNode>({
  schema: preluSchema,
  arity: [1, 1],
  outputShapes: sameShape,
  channels: () => KEEPS,
  parameters: ({ isShared }, [x]) => [
    { suffix: "weight", shape: [isShared ? 1 : channelsOf(x as Shape)], role: "slope" },
  ],
});

const quantizeSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("quantize"),
  quantizer: activationQuantizationSchema,
  /** The activation that the net has in its place when its activations are not quantized; absent if it has none. */
  replaces: z.enum(activationFunctions).optional(),
});
export type QuantizeNode = z.output<typeof quantizeSchema>;

/** Names of the trained numbers of a quantizer: the step of LSQ, and the clipping level of PACT. An affine one has `range`. */
const RANGE_SUFFIX = { lsq: "step", pact: "clip" } as const;

/** Quantizes activations. */
export const quantize = defineKind<QuantizeNode>({
  schema: quantizeSchema,
  arity: [1, 1],
  outputShapes: sameShape,
  channels: () => KEEPS,
  parameters: ({ quantizer }) => {
    if (quantizer.kind === "dorefa" && quantizer.learned)
      return [{ suffix: RANGE_SUFFIX[quantizer.learned], shape: [1], role: "range" }];
    if (!storesRange(quantizer)) return [];
    const role = quantizer.range.kind === "learned" ? "range" : "observed";
    return [{ suffix: "range", shape: [2], role }];
  },
});

const softmaxSchema = z.strictObject({ ...nodeFields, kind: z.literal("softmax") });
export type SoftmaxNode = z.output<typeof softmaxSchema>;

/** Softmax over the features of a vector. */
export const softmax = defineKind<SoftmaxNode>({
  schema: softmaxSchema,
  arity: [1, 1],
  outputShapes: (_, [x]) => (x?.length === 1 ? [x] : "needs a vector as its input"),
  // A share depends on all features.
  channels: () => ({ kind: "fixed" }),
});
