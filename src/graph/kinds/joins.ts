import { z } from "zod";
import { channelsOf, isMaps, isSameShape, type Shape, shapeText } from "../shape.js";
import { count, defineKind, nodeFields } from "./kind.js";

/** Most inputs that a node joins, or outputs into which it splits. */
const MAX_PARTS = 1024;

const addSchema = z.strictObject({ ...nodeFields, kind: z.literal("add") });
export type AddNode = z.output<typeof addSchema>;

/** The sum of values of one shape, as at the end of a residual block. */
export const add = defineKind<AddNode>({
  schema: addSchema,
  arity: [2, MAX_PARTS],
  outputShapes: (_, inputs) => {
    const first = inputs[0] as Shape;
    const other = inputs.find((shape) => !isSameShape(shape, first));
    return other
      ? `adds ${shapeText(first)} and ${shapeText(other)}, but needs equal shapes`
      : [first];
  },
});

const multiplySchema = z.strictObject({ ...nodeFields, kind: z.literal("multiply") });
export type MultiplyNode = z.output<typeof multiplySchema>;

/** The product of two values of one shape, or of maps and a factor per channel (squeeze and excitation, Hu et al. 2018). */
export const multiply = defineKind<MultiplyNode>({
  schema: multiplySchema,
  arity: [2, 2],
  outputShapes: (_, [x, factor]) => {
    if (!x || !factor) return "needs two inputs";
    const isPerChannel = isMaps(x) && isMaps(factor) && isSameShape(factor, [1, 1, channelsOf(x)]);
    return isPerChannel || isSameShape(x, factor)
      ? [x]
      : `multiplies ${shapeText(x)} by ${shapeText(factor)}, but needs equal shapes or one factor per channel`;
  },
});

const concatSchema = z.strictObject({ ...nodeFields, kind: z.literal("concat") });
export type ConcatNode = z.output<typeof concatSchema>;

/** Concatenates channels of maps of the same sides, or features of vectors. */
export const concat = defineKind<ConcatNode>({
  schema: concatSchema,
  arity: [1, MAX_PARTS],
  outputShapes: (_, inputs) => {
    const first = inputs[0] as Shape;
    const sides = first.slice(0, -1);
    const other = inputs.find((shape) => !isSameShape(shape.slice(0, -1), sides));
    if (other) return `concatenates ${shapeText(first)} and ${shapeText(other)}`;
    return [[...sides, inputs.reduce((sum, shape) => sum + channelsOf(shape), 0)]];
  },
});

const splitSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("split"),
  /** Channels of each output. */
  sizes: z.array(count).min(1).max(MAX_PARTS).readonly(),
});
export type SplitNode = z.output<typeof splitSchema>;

/** Splits channels of maps, or features of a vector. */
export const split = defineKind<SplitNode>({
  schema: splitSchema,
  arity: [1, 1],
  outputs: ({ sizes }) => sizes.length,
  outputShapes: ({ sizes }, [x]) => {
    const shape = x as Shape;
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== channelsOf(shape))
      return `splits ${channelsOf(shape)} channels into ${sizes.join(" + ")}`;
    return sizes.map((size) => [...shape.slice(0, -1), size]);
  },
});
