import type { Model } from "../../src/graph/model.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { type ChannelMap, channelMap } from "../../src/prune/channels/coupled-layers.js";
import { channelImportance } from "../../src/prune/importance/importance.js";
import { createPlanner, type PlannerOptions } from "../../src/prune/plan/make-plan.js";
import type { KeptChannels } from "../../src/prune/plan/plan.js";

/** The planner's options for a chain: all convolutions except the last can be pruned. */
export const chainOptions = (
  spec: ChainSpec,
  importance: readonly Float64Array[],
  multiple = 1,
): PlannerOptions => {
  const map = channelMap(chainToGraph(spec));
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  return { map, layers, importance, multiple };
};

/** A planner for a chain. */
export const chainPlanner = (...options: Parameters<typeof chainOptions>) =>
  createPlanner(chainOptions(...options));

/** The importance of the channels of all layers that can be pruned. */
export const importanceOf = (model: Model, kind: "gamma" | "l1" | "l2"): Float64Array[] => {
  const map = channelMap(model.graph);
  const isRelative = kind !== "gamma";
  const of = channelImportance(model, map, { criterion: { kind }, combine: "mean", isRelative });
  return map.coupled
    .filter(({ fixedBecause }) => fixedBecause === undefined)
    .map((layers) => of(layers) ?? new Float64Array());
};

/** The channels of all values if each of the coupled layers keeps some channels, in their order. */
export const keptOf = (map: ChannelMap, keeps: readonly (readonly number[])[]): KeptChannels => {
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  const byAxis = new Map<number, number[]>();
  for (const [index, keep] of keeps.entries()) {
    const { axes = [], groups = [] } = layers[index] ?? {};
    for (const axis of axes) {
      const channels = keep.flatMap((group) => groups[group]?.get(axis) ?? []);
      byAxis.set(
        axis,
        channels.sort((a, b) => a - b),
      );
    }
  }
  return new Map(
    [...map.axisOf].flatMap(([value, axis]) => {
      const channels = byAxis.get(axis);
      return channels ? [[value, channels] as const] : [];
    }),
  );
};
