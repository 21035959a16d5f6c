import { widthsOf } from "../../models/chains/chain-spec.js";
import { isChain } from "../../models/net-spec.js";
import type { PruningResult } from "./pruning-result.js";

/** The content of a plan file: which channels of each layer are kept, and why. */
export const planFile = (result: PruningResult): object => {
  const { model, spec, smallSpec, importance, share, multiple, layers } = result;
  return {
    format: "qprune-plan",
    model,
    arch: spec.arch,
    importance,
    ...(share.kind === "global" ? { percent: share.percent } : { layerPercents: share.percents }),
    multiple,
    ...(isChain(spec) && { cfgBefore: widthsOf(spec) }),
    ...(isChain(smallSpec) && { cfg: widthsOf(smallSpec) }),
    layers: layers.map(({ originalKept, ...layer }) => ({
      ...layer,
      ...(originalKept !== undefined && { originalKept }),
    })),
  };
};
