import { z } from "zod";
import { KEEPS, reordered } from "../channel-relation.js";
import { MAX_IMAGE_SIDE, MAX_SHUFFLE_FACTOR, MAX_WIDTH } from "../limits.js";
import { isMaps, type Shape, shapeText, sizeOf } from "../shape.js";
import { paddingSchema } from "../window.js";
import { count, defineKind, nodeFields } from "./kind.js";

const NEEDS_MAPS = "needs a feature map as its input";

const shuffleSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("shuffle"),
  groups: count.max(MAX_WIDTH),
});
export type ShuffleNode = z.output<typeof shuffleSchema>;

/** Channel shuffle: transposes the channels as [groups, c / groups] (ShuffleNet, Zhang et al. 2018). */
export const shuffle = defineKind<ShuffleNode>({
  schema: shuffleSchema,
  arity: [1, 1],
  outputShapes: ({ groups }, [x]) => {
    if (!x || !isMaps(x)) return NEEDS_MAPS;
    return x[2] % groups === 0 ? [x] : `shuffles ${x[2]} channels by ${groups}`;
  },
  channels: ({ groups }) => ({ kind: "shuffles", groups }),
});

const pixelShuffleSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("pixelShuffle"),
  factor: count.min(2).max(MAX_SHUFFLE_FACTOR),
});
export type PixelShuffleNode = z.output<typeof pixelShuffleSchema>;

/**
 * Channels as pixels: [h, w, c factor^2] -> [h factor, w factor, c], where channel c factor^2 + i factor + j has the pixels of row i
 * and column j of each block, as PyTorch's PixelShuffle (sub-pixel convolution, Shi et al. 2016).
 */
export const pixelShuffle = defineKind<PixelShuffleNode>({
  schema: pixelShuffleSchema,
  arity: [1, 1],
  outputShapes: ({ factor }, [x]) => {
    if (!x || !isMaps(x)) return NEEDS_MAPS;
    const [height, width, channels] = x;
    const area = factor ** 2;
    if (channels % area !== 0) return `needs a multiple of ${area} channels, but gets ${channels}`;
    return [[height * factor, width * factor, channels / area]];
  },
  channels: ({ factor }) => ({ kind: "expands", inputs: factor ** 2, outputs: 1 }),
});

const border = z.int().nonnegative().max(MAX_WIDTH);

const padSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("pad"),
  padding: paddingSchema,
  /** Channels added before and after those of the input; none if absent. */
  channels: z.tuple([border, border]).readonly().optional(),
  value: z.number(),
});
export type PadNode = z.output<typeof padSchema>;

/** Adds rows, columns and channels of a constant around maps. */
export const pad = defineKind<PadNode>({
  schema: padSchema,
  arity: [1, 1],
  outputShapes: (
    { padding: [top, left, bottom, right], channels: [before, after] = [0, 0] },
    [x],
  ) =>
    x && isMaps(x)
      ? [[x[0] + top + bottom, x[1] + left + right, x[2] + before + after]]
      : NEEDS_MAPS,
  channels: ({ channels: [before, after] = [0, 0] }) => ({ kind: "pads", before, after }),
});

const side = count.max(MAX_IMAGE_SIDE);

const resizeSchema = z
  .strictObject({
    ...nodeFields,
    kind: z.literal("resize"),
    height: side,
    width: side,
    method: z.enum(["nearest", "bilinear"]),
    /** Whether the centers of the corner pixels of input and output coincide (PyTorch's align_corners); only bilinear. */
    alignsCorners: z.boolean(),
  })
  .refine((node) => node.method === "bilinear" || !node.alignsCorners, {
    error: "is only for the method bilinear",
    path: ["alignsCorners"],
  });
export type ResizeNode = z.output<typeof resizeSchema>;

/** Changes the sides of maps, as PyTorch's interpolate. */
export const resize = defineKind<ResizeNode>({
  schema: resizeSchema,
  arity: [1, 1],
  outputShapes: ({ height, width }, [x]) => (x && isMaps(x) ? [[height, width, x[2]]] : NEEDS_MAPS),
  channels: () => KEEPS,
});

const flattenSchema = z.strictObject({ ...nodeFields, kind: z.literal("flatten") });
export type FlattenNode = z.output<typeof flattenSchema>;

/** Maps as a vector in PyTorch's order: channel by channel, row by row. */
export const flatten = defineKind<FlattenNode>({
  schema: flattenSchema,
  arity: [1, 1],
  outputShapes: (_, [x]) => [[sizeOf(x as Shape)]],
  channels: (_, [x], [y]) => reordered(x as Shape, y as Shape),
});

const reshapeSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("reshape"),
  /** [features] or [height, width, channels]. */
  shape: z.union([z.tuple([count]), z.tuple([count, count, count])]).readonly(),
});
export type ReshapeNode = z.output<typeof reshapeSchema>;

/** Another shape for the same values, which keep PyTorch's order: channel by channel, row by row. */
export const reshape = defineKind<ReshapeNode>({
  schema: reshapeSchema,
  arity: [1, 1],
  outputShapes: ({ shape }, [x]) =>
    sizeOf(shape) === sizeOf(x as Shape)
      ? [shape]
      : `reshapes ${shapeText(x as Shape)} to ${shapeText(shape)}, which has another number of values`,
  channels: (_, [x], [y]) => reordered(x as Shape, y as Shape),
});

const dropoutSchema = z.strictObject({
  ...nodeFields,
  kind: z.literal("dropout"),
  /** Share of the values that are dropped in training. */
  rate: z.number().min(0).lt(1),
});
export type DropoutNode = z.output<typeof dropoutSchema>;

/** Drops values in training (Srivastava et al. 2014). */
export const dropout = defineKind<DropoutNode>({
  schema: dropoutSchema,
  arity: [1, 1],
  outputShapes: (_, [x]) => [x as Shape],
  channels: () => KEEPS,
});
