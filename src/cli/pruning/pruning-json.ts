import { widthsOf } from "../../models/spec.js";
import type { PruningResult } from "../../workflows/pruning/pruning-result.js";

/** The plan as --plan writes it: which channels of which layer stay, and why. */
export const planJson = (result: PruningResult): object => {
  const { model, spec, smallSpec, importance, share, multiple, layers } = result;
  return {
    format: "qprune-plan",
    model,
    arch: spec.arch,
    importance,
    ...(share.kind === "global" ? { percent: share.percent } : { layerPercents: share.percents }),
    multiple,
    cfgBefore: widthsOf(spec),
    cfg: widthsOf(smallSpec),
    layers: layers.map(({ originalKept, ...layer }) => ({
      ...layer,
      ...(originalKept !== undefined && { originalKept }),
    })),
  };
};

/** The whole result as --json prints it; accuracies in percent, losses as means over the images. */
export const pruningJson = (result: PruningResult): object => ({
  ...planJson(result),
  before: result.before,
  after: result.after,
  betas: result.betas.map(({ droppedBecause, ...beta }) => ({
    ...beta,
    droppedBecause: droppedBecause ?? null,
  })),
  tests: result.tests ?? null,
  ...(result.untested !== undefined && { untested: result.untested }),
  file: result.file ?? null,
  notices: result.notices,
});
