import { z } from "zod";
import { reachOf, slide } from "../../base/sliding-window.js";
import { filtersRelation } from "../channel-relation.js";
import { MAX_WIDTH } from "../limits.js";
import { weightQuantizationSchema } from "../quantizers.js";
import { channelsOf, isMaps, shapeText, sizeOf } from "../shape.js";
import { paddingSchema, pairSchema } from "../window.js";
import { count, defineKind, nodeFields, type ParameterFacts } from "./kind.js";

/**
 * How the weights of a convolution or dense layer are stored:
 * - `latent`: quantized again in every pass
 * - `quantized`: the quantized weights themselves
 * - `scaled`: quantized weights times a factor per filter, with the factors of DoReFa weights as `weight_scale`
 * Affine weights have their scales as `weight_scale` whenever they are not latent.
 */
export const storedWeights = ["latent", "quantized", "scaled"] as const;

const weightFields = {
  hasBias: z.boolean(),
  quantizer: weightQuantizationSchema,
  stored: z.enum(storedWeights),
};

type Weighted = z.output<z.ZodObject<typeof weightFields>>;

const weightParameters = (
  { hasBias, quantizer, stored }: Weighted,
  shape: readonly number[],
): ParameterFacts[] => {
  const filters = [shape[0] as number];
  const isAffine = stored !== "latent" && quantizer.kind === "affine";
  const isScaled = stored === "scaled" && quantizer.kind === "dorefa" && quantizer.bits > 1;
  const isLearned = stored === "latent" && quantizer.kind === "dorefa" && quantizer.isLearned;
  return [
    { suffix: "weight", shape, role: "kernel" },
    ...(isLearned ? [{ suffix: "weight_step", shape: [1], role: "range" } as const] : []),
    ...(isAffine ? [{ suffix: "weight_scale", shape: filters, role: "kernelScale" } as const] : []),
    ...(isScaled
      ? [{ suffix: "weight_scale", shape: filters, role: "kernelScale", isOptional: true } as const]
      : []),
    ...(hasBias ? [{ suffix: "bias", shape: filters, role: "bias" } as const] : []),
  ];
};

const convSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("conv"),
  /** Output channels. */
  filters: count.max(MAX_WIDTH),
  kernel: pairSchema,
  stride: pairSchema,
  padding: paddingSchema,
  dilation: pairSchema,
  /** Of input and output channels; as many as input channels for a depthwise convolution. */
  groups: count.max(MAX_WIDTH),
  ...weightFields,
});
export type ConvNode = z.output<typeof convSchema>;

/** The shape of a convolution's kernel in PyTorch's order: [out, in / groups, kh, kw]. */
export const kernelShapeOf = (
  { filters, groups, kernel: [kh, kw] }: ConvNode,
  inputChannels: number,
): [number, number, number, number] => [filters, inputChannels / groups, kh, kw];

/** 2-D convolution: maps -> maps. */
export const conv = defineKind<ConvNode>({
  schema: convSchema,
  arity: [1, 1],
  outputShapes: (node, [x]) => {
    const { filters, groups, padding, kernel, dilation } = node;
    if (!x || !isMaps(x)) return "needs a feature map as its input";
    const [height, width, channels] = x;
    if (channels % groups !== 0 || filters % groups !== 0)
      return `has ${groups} groups, which do not divide its ${channels} inputs and ${filters} outputs`;
    const reaches = kernel.map((side, axis) => reachOf(side, dilation[axis] as number));
    const widest = padding.findIndex((border, at) => border >= (reaches[at % 2] as number));
    if (widest >= 0) {
      return `pads by ${padding[widest]}, which must be less than its kernel of ${reaches[widest % 2]}`;
    }
    const sides = slide(height, width, node);
    if (Math.min(...sides) < 1) return `leaves nothing of a feature map of ${shapeText(x)}`;
    return [[...sides, filters]];
  },
  channels: ({ filters, groups }, [x]) => filtersRelation(channelsOf(x ?? [1]), filters, groups),
  parameters: (node, [x]) => weightParameters(node, kernelShapeOf(node, channelsOf(x ?? [0]))),
  macs: (node, [x], [y]) =>
    (sizeOf(y ?? [0]) * node.kernel[0] * node.kernel[1] * channelsOf(x ?? [0])) / node.groups,
});

const denseSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("dense"),
  /** Output features. */
  features: count.max(MAX_WIDTH),
  ...weightFields,
});
export type DenseNode = z.output<typeof denseSchema>;

/** Matrix multiplication: [features] -> [features]. */
export const dense = defineKind<DenseNode>({
  schema: denseSchema,
  arity: [1, 1],
  outputShapes: ({ features }, [x]) =>
    x?.length === 1 ? [[features]] : "needs a vector as its input, such as a flattened feature map",
  channels: () => ({ kind: "mixes", groups: 1 }),
  parameters: (node, [x]) => weightParameters(node, [node.features, channelsOf(x ?? [0])]),
  macs: ({ features }, [x]) => features * channelsOf(x ?? [0]),
});
