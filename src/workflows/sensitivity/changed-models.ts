import type { Model } from "../../graph/model.js";
import { isFloat } from "../../graph/quantizers.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { graphOf, type NetSpec, specOfModel } from "../../models/net-spec.js";
import { foldConstants } from "../../prune/apply/fold-constants.js";
import { pruneWeights } from "../../prune/apply/prune-weights.js";
import {
  type ChannelMap,
  type CoupledLayers,
  channelMap,
} from "../../prune/channels/coupled-layers.js";
import { channelImportance } from "../../prune/importance/importance.js";
import { createPlanner } from "../../prune/plan/make-plan.js";
import { roundFilters } from "../../quant/numbers/round-filters.js";
import { importanceOptions, type LossChanges } from "../pruning/plan-pruning.js";
import { prunableLayers } from "../pruning/prunable-layers.js";
import type { ReadNet } from "../pruning/read-net.js";
import type { SensitivityCall } from "./sensitivity-call.js";

/** A net in which one layer, or layers that are pruned together, differ from the file. */
export interface ChangedModel {
  readonly spec: NetSpec;
  readonly model: Model;
}

/** Coupled layers with the models in which only they are pruned. */
export interface PrunedModels {
  readonly names: readonly string[];
  readonly total: number;
  readonly cuts: readonly {
    readonly share: number;
    readonly cut: () => ChangedModel & { readonly kept: number };
  }[];
}

/** Coupled layers that can be ranked, with their importance. */
const rankedLayers = (
  { options }: SensitivityCall,
  { spec, model }: ReadNet,
  map: ChannelMap,
  changes: LossChanges | undefined,
): { readonly layers: CoupledLayers[]; readonly importance: Float64Array[] } => {
  const importanceOf = channelImportance(
    model,
    map,
    importanceOptions(options, model.graph, changes),
  );
  const ranked = prunableLayers(spec, map, options.keep).flatMap((each) => {
    const own = importanceOf(each);
    return own ? [{ each, own }] : [];
  });
  return { layers: ranked.map(({ each }) => each), importance: ranked.map(({ own }) => own) };
};

/** For each of the layers that are pruned together, the models that lose each share of their channels. */
export const prunedModels = (
  call: SensitivityCall,
  read: ReadNet,
  changes: LossChanges | undefined,
): PrunedModels[] => {
  const { spec, model } = read;
  const map = channelMap(model.graph);
  const { layers, importance } = rankedLayers(call, read, map, changes);
  const plan = createPlanner({ map, layers, importance, multiple: 1 });
  return layers.map(({ names, groups }, at) => ({
    names,
    total: groups.length,
    cuts: call.options.shares.map((share) => ({
      share,
      cut: () => {
        const percents = layers.map((_, index) => (index === at ? share : 0));
        const { channels, layers: plans } = plan({ kind: "layers", percents });
        const small = pruneWeights(foldConstants(model, channels).model, channels);
        const kept = plans[at]?.kept ?? groups.length;
        return { spec: specOfModel(spec, small, spec.form), model: small, kept };
      },
    })),
  }));
};

/** A layer with the models in which only its weights are rounded. */
export interface RoundedModels {
  readonly name: string;
  readonly cuts: readonly { readonly bits: number; readonly cut: () => ChangedModel }[];
}

/** For each layer in full precision, the models with its weights in each number of bits. */
export const roundedModels = (
  { options }: SensitivityCall,
  { spec, model }: ReadNet,
): RoundedModels[] =>
  weightedNodes(graphOf(spec))
    .filter(({ quantizer }) => isFloat(quantizer))
    .flatMap(({ name }) => {
      const weight = model.weights.get(`${name}.weight`);
      if (weight?.kind !== "float") return [];
      const cuts = options.round_bits.map((bits) => ({
        bits,
        cut: () => {
          const values = roundFilters(weight.values, weight.shape[0] as number, bits);
          const weights = new Map(model.weights).set(`${name}.weight`, { ...weight, values });
          return { spec, model: { ...model, weights } };
        },
      }));
      return [{ name, cuts }];
    });
