import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { graphOf, isChain, type NetSpec } from "../../models/net-spec.js";
import { channelMap } from "../../prune/channels/coupled-layers.js";
import { checkShareOptions } from "./check-share-options.js";
import { prunableLayers } from "./prunable-layers.js";
import type { PruningCall } from "./pruning-call.js";

/**
 * Refuses options that do not fit the net.
 * @throws QpruneError (usage)
 */
export const checkPruningOptions = (call: PruningCall, spec: NetSpec): void => {
  const { layers: wanted, layer_percent: percents, keep } = call.options;
  checkShareOptions(call);
  const count = weightedNodes(graphOf(spec)).length;
  const what = isChain(spec) ? "convolutions" : "convolutions and dense layers";
  if (wanted !== undefined && wanted !== count) {
    throw usageError(
      `${option("layers")} is ${wanted}, but ${spec.arch} has ${count} ${what}.`,
      `Set ${option("layers")} to ${count}, or omit it.`,
    );
  }
  const layers = prunableLayers(spec, channelMap(graphOf(spec)), keep);
  if (percents && percents.length !== layers.length) {
    throw usageError(
      `${option("layer_percent")} needs ${layers.length} fractions for ${spec.arch}, not ${percents.length}.`,
      isChain(spec)
        ? "Give one for each convolution except the last; 0 leaves a layer unchanged."
        : `Give one for each row of the table that ${option("dry_run")} prints; 0 leaves a layer unchanged.`,
    );
  }
  const widest = Math.max(...layers.map(({ groups }) => groups.length));
  if (call.multiple > widest) {
    throw usageError(
      `${option(call.multipleOption)} is ${call.multiple}, but the widest layer has ${widest} channels.`,
      "Give a multiple that fits into the layers, such as 4, 8 or 16.",
    );
  }
};
