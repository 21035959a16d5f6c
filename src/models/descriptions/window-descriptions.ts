import { MAX_KERNEL, MAX_POOL, MAX_WIDTH } from "../../graph/limits.js";
import type { Pair, Sides } from "../../graph/window.js";
import { channelsField, countOf, given, paddingField, sidesField } from "./described-fields.js";
import { describeKind } from "./described-kind.js";
import { whole, yesOrNo } from "./description-fields.js";

const pairOf = (sides: Sides): Pair => (typeof sides === "number" ? [sides, sides] : sides);

/** The padding with which a stride of 1 keeps the sides: half of what a kernel reaches beyond its center. */
const centered = (kernel: Sides, dilation: Sides): Pair => {
  const [kernels, dilations] = [pairOf(kernel), pairOf(dilation)];
  const half = (axis: 0 | 1): number => ((kernels[axis] - 1) * dilations[axis]) / 2;
  return [half(0), half(1)];
};

export const conv = describeKind({
  kind: "conv",
  shape: {
    filters: channelsField,
    kernel: sidesField(MAX_KERNEL),
    stride: sidesField(MAX_KERNEL).optional(),
    /** Default: (kernel - 1) dilation / 2; an even kernel has no default. */
    padding: paddingField.optional(),
    dilation: sidesField(MAX_KERNEL).optional(),
    groups: whole(1, MAX_WIDTH).optional(),
    /** Default: true, unless the next node is a batch norm. */
    hasBias: yesOrNo().optional(),
  },
  problems: ({ kernel, padding, dilation = 1 }) =>
    padding === undefined && centered(kernel, dilation).some((border) => !Number.isInteger(border))
      ? [["padding", `is missing, and an even kernel (${pairOf(kernel).join("x")}) has no default`]]
      : [],
  options: (node, { classes, isBeforeNorm }) => {
    const { filters, kernel, padding, dilation = 1, hasBias = !isBeforeNorm } = node;
    return {
      ...given(node),
      filters: countOf(filters, classes),
      padding: padding ?? centered(kernel, dilation),
      hasBias,
    };
  },
});

const poolShape = {
  kernel: sidesField(MAX_POOL),
  /** Default: the kernel. */
  stride: sidesField(MAX_KERNEL).optional(),
  padding: paddingField.optional(),
  roundsUp: yesOrNo().optional(),
};

export const maxPool = describeKind({ kind: "maxPool", shape: poolShape, options: given });

export const averagePool = describeKind({
  kind: "averagePool",
  shape: { ...poolShape, countsPadding: yesOrNo().optional() },
  options: given,
});
