import type { ChainSpec } from "../models/chains/chain-spec.js";
import type { PrunePlan } from "./plan.js";

/**
 * The spec with the widths of a plan; everything else is unchanged.
 * Example: widths [24, 20] with [12, 20] kept become [12, 20].
 */
export const prunedSpec = (spec: ChainSpec, { layers }: PrunePlan): ChainSpec => ({
  ...spec,
  convs: spec.convs.map((conv, index) => ({ ...conv, width: layers[index]?.kept ?? conv.width })),
});
