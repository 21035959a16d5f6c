import { gcd, lcm } from "../../base/divisors.js";
import type { ChannelRelation } from "../../graph/channel-relation.js";
import type { AxisLink, ChannelAxes, ChannelAxis } from "./channel-axes.js";
import { type ChannelGroup, channelGroups } from "./channel-groups.js";

/**
 * Connected axes around grouped convolutions or channel shuffles, which fix the order of their channels. They are pruned by
 * one factor, so that every group keeps as many channels as every other and the smaller net's own shuffles lead each
 * channel to the group that it had.
 * Example: 24 channels computed in 2 groups, shuffled by 2 and read in 4 groups can become 8 or 16.
 */
export interface ChannelStructure {
  /** Indices of the axes in the graph. */
  readonly axes: readonly number[];
  readonly widths: readonly number[];
  /** Links between them; axes are indices in this structure. */
  readonly links: readonly AxisLink[];
  /** Groups of the convolutions around each axis, if they have several. */
  readonly groups: readonly (readonly number[])[];
  /** Whether each axis contains outputs of layers. */
  readonly hasLayers: readonly boolean[];
  /** The common divisor of all widths: they are pruned in steps of width / steps. */
  readonly steps: number;
}

/** A channel group of a structure with its place: the axes and groups of convolutions in which it lies. */
export interface PlacedGroup {
  readonly channels: ChannelGroup;
  /** Only a channel group of the same place can take this one's place in a smaller net. */
  readonly place: string;
}

const padsOf = ({ relation }: AxisLink): readonly number[] =>
  relation.kind === "pads" ? [relation.before, relation.after] : [];

/** The structure of some connected axes of a graph. */
export const channelStructure = (
  { axes, links }: ChannelAxes,
  members: readonly number[],
): ChannelStructure => {
  const local = new Map(members.map((axis, index) => [axis, index]));
  const at = (axis: number): number => local.get(axis) as number;
  const own = members.map((axis) => axes[axis] as ChannelAxis);
  const inside = links
    .filter(({ inputs: [axis] }) => local.has(axis as number))
    .map(({ relation, inputs, outputs }) => ({
      relation,
      inputs: inputs.map(at),
      outputs: outputs.map(at),
    }));
  const widths = own.map(({ width }) => width);
  return {
    axes: members,
    widths,
    links: inside,
    groups: own.map(({ groups }) => [...new Set(groups)]),
    hasLayers: own.map(({ layers }) => layers.length > 0),
    steps: [...widths, ...inside.flatMap(padsOf)].reduce(gcd, 0),
  };
};

/** The least number of steps to which each width has the divisors that groups, shuffles and `multiple` require. */
export const leastSteps = (structure: ChannelStructure, multiple: number): number => {
  const { widths, groups, hasLayers, links, steps } = structure;
  const needed: (readonly [axis: number, divisor: number])[] = [
    ...groups.flatMap((own, axis) => own.map((divisor) => [axis, divisor] as const)),
    ...hasLayers.flatMap((has, axis) => (has ? [[axis, multiple] as const] : [])),
    ...links.flatMap(({ relation, inputs }) =>
      relation.kind === "shuffles" ? [[inputs[0] as number, relation.groups] as const] : [],
    ),
  ];
  return needed.reduce((least, [axis, divisor]) => {
    const perStep = (widths[axis] as number) / steps;
    return lcm(least, divisor / gcd(divisor, perStep));
  }, 1);
};

const scaledRelation = (relation: ChannelRelation, scale: number): ChannelRelation =>
  relation.kind === "pads"
    ? { kind: "pads", before: relation.before * scale, after: relation.after * scale }
    : relation;

/** Which side of padding a channel is on: -1 before the padded input, 1 after it, 0 within it. */
const paddedSide = (channel: number, width: number, { relation }: AxisLink): number => {
  if (relation.kind !== "pads" || (channel >= relation.before && channel < width - relation.after))
    return 0;
  return channel < relation.before ? -1 : 1;
};

/** Channels of an axis of some width. */
interface ChannelsIn {
  readonly axis: number;
  readonly width: number;
  readonly channels: readonly number[];
}

/** The place of channels in an axis: of each, the groups of the convolutions around it and the side of padding. */
const placeIn = (
  { groups }: ChannelStructure,
  links: readonly AxisLink[],
  { axis, width, channels }: ChannelsIn,
): string => {
  const pads = links.filter(
    ({ relation, outputs: [output] }) => relation.kind === "pads" && output === axis,
  );
  const counts = groups[axis] ?? [];
  if (counts.length + pads.length === 0) return String(axis);
  const places = channels.map((channel) => [
    ...counts.map((count) => Math.floor((channel * count) / width)),
    ...pads.map((link) => paddedSide(channel, width, link)),
  ]);
  return `${axis}:${places.map((each) => each.join(".")).join()}`;
};

/** The channel groups of a structure that keeps `kept` of its steps, with their places. */
export const placedGroups = (structure: ChannelStructure, kept: number): PlacedGroup[] => {
  const scale = kept / structure.steps;
  const widths = structure.widths.map((width) => Math.round(width * scale));
  const links = structure.links.map(({ relation, ...link }) => ({
    ...link,
    relation: scaledRelation(relation, scale),
  }));
  const placeOf = ([axis, channels]: readonly [number, readonly number[]]): string =>
    placeIn(structure, links, { axis, channels, width: widths[axis] as number });
  return channelGroups(widths, links).map((channels) => ({
    channels,
    place: [...channels].map(placeOf).join(" "),
  }));
};

/**
 * Whether every group has as many consecutive channels of an axis as all others there. Only then its place in a smaller
 * net determines which of its channels is which.
 */
export const isRegular = (
  groups: readonly PlacedGroup[],
  { widths }: ChannelStructure,
): boolean => {
  const members = widths.map(() => 0);
  for (const { channels } of groups)
    for (const axis of channels.keys()) members[axis] = (members[axis] as number) + 1;
  return groups.every(({ channels }) =>
    [...channels].every(([axis, own]) => {
      const each = (widths[axis] as number) / (members[axis] as number);
      const [first, last] = [own[0] as number, own.at(-1) as number];
      return own.length === each && first % each === 0 && last - first === each - 1;
    }),
  );
};
