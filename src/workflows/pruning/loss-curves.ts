import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { CoupledLayers } from "../../prune/channels/coupled-layers.js";
import type { LossCurve } from "../../prune/plan/equal-loss-shares.js";
import type { Sensitivity } from "../../report/sensitivity/sensitivity.js";

/**
 * The measured curve of each of the layers that are pruned.
 * @throws QpruneError (usage) if some were not measured, as in the file of another net.
 */
export const lossCurves = (
  { channels, whole, model }: Sensitivity,
  layers: readonly CoupledLayers[],
): LossCurve[] => {
  const measured = new Map(channels.map((row) => [row.names.join(), row]));
  return layers.map(({ names, groups }) => {
    const row = measured.get(names.join());
    if (!row || row.total !== groups.length || row.points.length === 0) {
      throw usageError(
        `${option("sensitivity")}: the file, measured on ${model}, has no shares for ${names[0]} with ${groups.length} channels.`,
        "Measure the file that is pruned, with the same layers kept: `qprune sensitivity FILE --save NAME.json`.",
      );
    }
    const points = [...row.points].sort((a, b) => a.share - b.share);
    return {
      channels: row.total,
      points: points.map(({ share, loss }) => ({ share, increase: loss - whole.loss })),
    };
  });
};
