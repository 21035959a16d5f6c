import { foldBatchNorms } from "../../src/bnmerge/fold-batch-norms.js";
import { readModel } from "../../src/checkpoint/read-model.js";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import { weightsCodes, weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import type { Model } from "../../src/graph/model.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";

/** The model of a chain that is not merged, from its weights. */
export const chainModel = (spec: ChainSpec, weights: NetWeights): Model => {
  const ternaryCodes = weightsCodes(spec, weights);
  // Of the manifest, only the codes are read.
  const manifest = ternaryCodes && ({ ternaryCodes } as never);
  const state = weightsState(spec, weights);
  return readModel({ state, path: "a chain", manifest }, chainToGraph(spec));
};

/** A trainable chain with quantized weights. Needs an engine. */
export const bakedChain = (spec: ChainSpec, weights: NetWeights) => {
  const model = bakeWeights(chainModel(spec, weights));
  return { spec: { ...spec, form: "baked" } as ChainSpec, model, state: modelState(model) };
};

/** A trainable chain with quantized weights and folded norms. Needs an engine. */
export const mergedChain = (spec: ChainSpec, weights: NetWeights) => {
  const model = foldBatchNorms(bakeWeights(chainModel(spec, weights)));
  return { spec: { ...spec, form: "merged" } as ChainSpec, model, state: modelState(model) };
};
