import { lcm } from "../base/divisors.js";
import { channelsOf, type Shape, sizeOf } from "./shape.js";

/**
 * How the channels of a node's outputs follow from those of its inputs, which is what removing a channel means for the
 * values around it:
 * - `keeps`: output channel c is computed from channel c of every input
 * - `mixes`: an output channel is computed from all input channels, or from those of its group; input and output channels
 *   are removed independently
 * - `expands`: each `inputs` consecutive input channels become `outputs` consecutive output channels
 * - `concatenates`, `splits`: the channels of all inputs, or of all outputs, one after another
 * - `shuffles`: transposes the channels as [groups, c / groups]
 * - `pads`: constant channels come before and after those of the input
 * - `fixed`: every output depends on all input channels and on their number, so none is removed
 */
export type ChannelRelation =
  | { readonly kind: "keeps" }
  | { readonly kind: "mixes"; readonly groups: number }
  | { readonly kind: "expands"; readonly inputs: number; readonly outputs: number }
  | { readonly kind: "concatenates" }
  | { readonly kind: "splits" }
  | { readonly kind: "shuffles"; readonly groups: number }
  | { readonly kind: "pads"; readonly before: number; readonly after: number }
  | { readonly kind: "fixed" };

export const KEEPS: ChannelRelation = { kind: "keeps" };

/**
 * The relation of filters to the channels that they read. A depthwise convolution computes each output from one channel.
 * Example: 4 inputs and 8 filters in 4 groups expand 1 to 2; in 2 groups they are mixed.
 */
export const filtersRelation = (
  inputs: number,
  filters: number,
  groups: number,
): ChannelRelation => {
  if (groups === 1 || groups !== inputs) return { kind: "mixes", groups };
  return filters === groups ? KEEPS : { kind: "expands", inputs: 1, outputs: filters / groups };
};

/**
 * The relation of a value to the same numbers in another shape; both are in PyTorch's order, channel by channel.
 * Example: maps of 4x4x8 as a vector expand 1 channel to 16 features.
 */
export const reordered = (before: Shape, after: Shape): ChannelRelation => {
  const [from, to] = [before, after].map((shape) => sizeOf(shape) / channelsOf(shape)) as [
    number,
    number,
  ];
  const block = lcm(from, to);
  const [inputs, outputs] = [block / from, block / to];
  return inputs === outputs ? KEEPS : { kind: "expands", inputs, outputs };
};

/** Takes a channel of an input and the channel of an output that is removed with it. */
export type Couple = (input: number, from: number, output: number, to: number) => void;

/** The number of channels of each input and output of a node. */
export interface ChannelCounts {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The position of a channel after a shuffle by `groups`, which transposes [groups, width / groups]. */
export const shuffledPosition = (channel: number, width: number, groups: number): number => {
  const perGroup = width / groups;
  return (channel % perGroup) * groups + Math.floor(channel / perGroup);
};

/** Calls `couple` for every `each` from 0 to `count` - 1. */
const times = (count: number, couple: (index: number) => void): void => {
  for (let index = 0; index < count; index++) couple(index);
};

const expand = (
  inputs: number,
  outputs: number,
  { inputs: [width = 0] }: ChannelCounts,
  couple: Couple,
): void => {
  times(width, (from) => {
    const block = Math.floor(from / inputs);
    times(outputs, (index) => couple(0, from, 0, block * outputs + index));
  });
};

/** Couples the channels of `parts` with consecutive ones of a whole. */
const consecutive = (
  parts: readonly number[],
  couple: (part: number, channel: number, whole: number) => void,
): void => {
  let start = 0;
  for (const [part, width] of parts.entries()) {
    const offset = start;
    times(width, (channel) => couple(part, channel, offset + channel));
    start += width;
  }
};

/**
 * Calls `couple` for every channel of an input with each channel of an output that is removed with it.
 * Example: a concatenation of 2 and 1 channels couples channel 0 of input 1 with channel 2 of its output.
 */
export const coupleChannels = (
  relation: ChannelRelation,
  counts: ChannelCounts,
  couple: Couple,
): void => {
  const { inputs, outputs } = counts;
  const [width = 0] = inputs;
  switch (relation.kind) {
    case "keeps":
      for (const input of inputs.keys()) times(width, (c) => couple(input, c, 0, c));
      return;
    case "expands":
      expand(relation.inputs, relation.outputs, counts, couple);
      return;
    case "concatenates":
      consecutive(inputs, (input, channel, whole) => couple(input, channel, 0, whole));
      return;
    case "splits":
      consecutive(outputs, (output, channel, whole) => couple(0, whole, output, channel));
      return;
    case "shuffles":
      times(width, (c) => couple(0, c, 0, shuffledPosition(c, width, relation.groups)));
      return;
    case "pads":
      times(width, (c) => couple(0, c, 0, relation.before + c));
      return;
    case "mixes":
    case "fixed":
      return;
  }
};
