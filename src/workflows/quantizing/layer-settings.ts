import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import type { Graph } from "../../graph/graph.js";
import { lastLayers } from "../../graph/last-layers.js";
import { weightedNodes } from "../../graph/stored-form.js";
import type { LayerBitsRule } from "../../options/values/layer-bits.js";
import { firstLayers, matchesLayer } from "../../passes/layer-precisions.js";
import type { LayerBits } from "../../ptq/quantize-model.js";
import { readLayerBits } from "../nets/read-layer-bits.js";
import type { PtqCall } from "./ptq-call.js";

const FLOAT = { weights: 32, activations: 32 } as const;
const EIGHT = { weights: 8, activations: 8 } as const;

const checkNames = (names: readonly string[], patterns: readonly string[], flag: string): void => {
  const stray = patterns.find((pattern) => !names.some((name) => matchesLayer(pattern, name)));
  if (stray === undefined) return;
  throw usageError(
    `${option(flag)} names ${stray}, which matches no layer of the net.`,
    `Its layers are ${shownNames(names)}; * matches any text.`,
  );
};

const checkBits = (rules: readonly LayerBitsRule[]): void => {
  const wrong = rules.find(
    ({ bits: { weights, activations } }) => weights === 1 || activations === 1,
  );
  if (!wrong) return;
  throw usageError(
    `${option("layer_bits")} gives ${wrong.pattern} 1 bit, but affine quantizers have 2 to 8.`,
    "Choose 2 to 8, or 32 for full precision.",
  );
};

/**
 * The bits of every layer of a graph, by its name: those in floats, then rules, then first and last layers, then all others.
 * @throws QpruneError (usage) if a name matches no layer.
 */
export const layerSettings = async (
  { options }: PtqCall,
  graph: Graph,
): Promise<(layer: string) => LayerBits> => {
  const { keep_float: inFloat = [], wbits: weights, abits: activations } = options;
  const names = weightedNodes(graph).map(({ name }) => name);
  const rules = await readLayerBits(options.layer_bits);
  checkNames(names, inFloat, "keep_float");
  checkNames(
    names,
    rules.map(({ pattern }) => pattern),
    "layer_bits",
  );
  checkBits(rules);
  const outer = new Set(
    options.first_last === "8" ? [...firstLayers(graph), ...lastLayers(graph)] : [],
  );
  return (layer) => {
    if (inFloat.some((pattern) => matchesLayer(pattern, layer))) return FLOAT;
    const rule = rules.find(({ pattern }) => matchesLayer(pattern, layer));
    if (rule) return rule.bits;
    return outer.has(layer) ? EIGHT : { weights, activations };
  };
};
