import { z } from "zod";
import { type SlidingWindow, slide } from "../../base/sliding-window.js";
import { MAX_POOL } from "../limits.js";
import { isMaps, type Shape, shapeText } from "../shape.js";
import { paddingSchema, pairSchema } from "../window.js";
import { defineKind, nodeFields } from "./kind.js";

const windowFields = {
  kernel: pairSchema,
  stride: pairSchema,
  padding: paddingSchema,
  /** Whether the sides of the output are rounded up (ceil_mode). */
  roundsUp: z.boolean(),
};

const pooledShapes = (window: SlidingWindow, x: Shape | undefined): Shape[] | string => {
  if (!x || !isMaps(x)) return "needs a feature map as its input";
  const { kernel, padding } = window;
  if (Math.max(...kernel) > MAX_POOL) {
    return `has a window of ${kernel.join("x")} (at most ${MAX_POOL}x${MAX_POOL})`;
  }
  const widest = padding.findIndex((border, at) => border > (kernel[at % 2] as number) / 2);
  if (widest >= 0) {
    return `has a window of ${kernel[widest % 2]} padded by ${padding[widest]} (at most half of it)`;
  }
  const [height, width, channels] = x;
  const sides = slide(height, width, window);
  return Math.min(...sides) < 1
    ? `leaves nothing of a feature map of ${shapeText(x)}`
    : [[...sides, channels]];
};

const maxPoolSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("maxPool"),
  ...windowFields,
});
export type MaxPoolNode = z.output<typeof maxPoolSchema>;

/** Maxima over a window; padding is never the maximum. */
export const maxPool = defineKind<MaxPoolNode>({
  schema: maxPoolSchema,
  arity: [1, 1],
  outputShapes: (node, [x]) => pooledShapes(node, x),
});

const averagePoolSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("averagePool"),
  ...windowFields,
  /** Whether the padding counts as zeros (count_include_pad) or is left out of the mean. */
  countsPadding: z.boolean(),
});
export type AveragePoolNode = z.output<typeof averagePoolSchema>;

/** Means over a window. */
export const averagePool = defineKind<AveragePoolNode>({
  schema: averagePoolSchema,
  arity: [1, 1],
  outputShapes: (node, [x]) => pooledShapes(node, x),
});

const globalPoolSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("globalPool"),
  function: z.enum(["mean", "max"]),
  /** Whether the output is a map of 1x1 instead of a vector. */
  keepsMaps: z.boolean(),
});
export type GlobalPoolNode = z.output<typeof globalPoolSchema>;

/** The mean or maximum of each channel over all positions: [h, w, c] -> [c]. */
export const globalPool = defineKind<GlobalPoolNode>({
  schema: globalPoolSchema,
  arity: [1, 1],
  outputShapes: ({ keepsMaps }, [x]) => {
    if (!x || !isMaps(x)) return "needs a feature map as its input";
    return [keepsMaps ? [1, 1, x[2]] : [x[2]]];
  },
});
