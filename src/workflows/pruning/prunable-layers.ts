import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { graphOf, type NetSpec } from "../../models/net-spec.js";
import { matchesLayer } from "../../passes/layer-precisions.js";
import type { ChannelMap, CoupledLayers } from "../../prune/channels/coupled-layers.js";

/** @throws QpruneError (usage) if a pattern matches no layer. */
const checkPatterns = (patterns: readonly string[], spec: NetSpec): void => {
  const names = weightedNodes(graphOf(spec)).map(({ name }) => name);
  const unknown = patterns.find((pattern) => !names.some((name) => matchesLayer(pattern, name)));
  if (unknown === undefined) return;
  throw usageError(
    `${option("keep")} ${unknown}: ${spec.arch} has no such layer.`,
    `Its layers are ${shownNames(names)}.`,
  );
};

const nothingToPrune = (spec: NetSpec, { coupled }: ChannelMap): QpruneError => {
  const isStructural = coupled.some(({ fixedBecause }) => fixedBecause === "structure");
  const why = isStructural
    ? "groups and channel shuffles lead them in ways that no smaller net has"
    : "all of them are channels of the images or of the outputs";
  return new QpruneError(`${spec.arch} has no channels that can be pruned: ${why}.`, {
    kind: "usage",
    hint: "Choose another net, with layers between the first and the last one.",
  });
};

/**
 * The coupled layers of a net that can be pruned, without those that the user keeps.
 * @throws QpruneError (usage) if there are none.
 */
export const prunableLayers = (
  spec: NetSpec,
  map: ChannelMap,
  keep: readonly string[] = [],
): CoupledLayers[] => {
  checkPatterns(keep, spec);
  const prunable = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  if (prunable.length === 0) throw nothingToPrune(spec, map);
  const isKept = ({ names }: CoupledLayers): boolean =>
    names.some((name) => keep.some((pattern) => matchesLayer(pattern, name)));
  const left = prunable.filter((layers) => !isKept(layers));
  if (left.length > 0) return left;
  throw usageError(
    `${option("keep")} ${keep.join(",")} keeps all layers of ${spec.arch}: nothing is left to prune.`,
    "Keep fewer layers. A layer that is added to another one keeps that one's channels, too.",
  );
};
