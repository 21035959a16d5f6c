import { type Padding, type SlidingWindow, samePadding } from "../../../base/sliding-window.js";
import { PADDINGS } from "../../../formats/tflite/schema.js";
import type { IntegerValue } from "../../../integer/integer-plan.js";
import { bytesOf, type Int8Draft, sidesOf } from "./int8-draft.js";

/** The input of a window, padded by an operator of its own where those of LiteRT do not have the padding. */
export interface PaddedInput {
  readonly index: number;
  /** The number of the padding of the operator. */
  readonly padding: number;
}

/** The number of TensorFlow's padding. */
export const SAME = PADDINGS.indexOf("same");

/** The padding with which a pool reaches all of its output: where sides are rounded up, its last windows reach beyond the maps. */
export const paddingToReach = (
  input: IntegerValue,
  output: IntegerValue,
  { kernel, stride, padding: [top, left, bottom, right] }: SlidingWindow,
): Padding => {
  const [before, after] = [sidesOf(input.shape), sidesOf(output.shape)];
  const end = (axis: 0 | 1, start: number, own: number): number => {
    const reach = ((after[axis + 1] as number) - 1) * stride[axis] + kernel[axis];
    return Math.max(own, reach - (before[axis + 1] as number) - start);
  };
  return [top, left, end(0, top, bottom), end(1, left, right)];
};

/** Whether a window has no padding, or TensorFlow's. */
const ownPadding = (
  { shape }: IntegerValue,
  window: SlidingWindow,
): (typeof PADDINGS)[number] | undefined => {
  const [, height, width] = sidesOf(shape);
  if (window.padding.every((side) => side === 0)) return "valid";
  const same = samePadding([height, width], window);
  return window.padding.every((side, at) => side === same[at]) ? "same" : undefined;
};

/**
 * The input of a convolution or pool with its padding.
 * @param code what is padded with; undefined for the zero point
 * @param isExplicit whether padding is a part of the maps, and not left out by the operator
 */
export const padInput = (
  draft: Int8Draft,
  input: IntegerValue,
  window: SlidingWindow,
  {
    name,
    code,
    isExplicit = false,
  }: { readonly name: string; readonly code?: number; readonly isExplicit?: boolean },
): PaddedInput => {
  const found = ownPadding(input, window);
  const own = isExplicit && found === "same" ? undefined : found;
  const index = draft.indexOf(input.name);
  if (own) return { index, padding: PADDINGS.indexOf(own) };
  const [top, left, bottom, right] = window.padding;
  const [, height, width, channels] = sidesOf(input.shape);
  const padded = {
    name: `${name}/padded`,
    shape: [height + top + bottom, width + left + right, channels] as const,
    grid: input.grid,
  };
  const borders = draft.ints(`${name}/padding`, [0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  const outputs = [draft.value(padded)];
  if (code === undefined) draft.add({ op: "PAD", inputs: [index, borders], outputs, version: 2 });
  else {
    const { scale, zero } = input.grid;
    const value = draft.tensor(`${name}/least`, {
      shape: [1],
      type: "int8",
      data: bytesOf(Int8Array.of(code)),
      quantization: { scale: [scale], zeroPoint: [zero], axis: 0 },
    });
    draft.add({ op: "PADV2", inputs: [index, borders, value], outputs, version: 2 });
  }
  return { index: outputs[0] as number, padding: PADDINGS.indexOf("valid") };
};
