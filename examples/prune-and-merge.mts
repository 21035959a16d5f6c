// Prunes the channels of a trained net to multiples of 8, folds its batch norms, and prints what remains:
// node examples/prune-and-merge.mts FILE.safetensors [PERCENT]
import {
  absorbBetas,
  bakeWeights,
  chainSpecOf,
  channelImportance,
  foldBatchNorms,
  graphOf,
  loadCheckpoint,
  loadEngine,
  makePlan,
  netCost,
  prunedSpec,
  pruneWeights,
  readModel,
  readNetWeights,
  weightsState,
} from "qprune";

const [file, percent = "0.5"] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: prune-and-merge.mts FILE.safetensors [PERCENT]");
await loadEngine({ engine: "auto" });

const checkpoint = await loadCheckpoint(file);
if (!checkpoint.manifest) throw new Error(`${file} does not record its net.`);
const spec = chainSpecOf(checkpoint.manifest.spec, file);
const weights = readNetWeights(checkpoint, spec);

// |gamma| of the batch norms decides which channels are kept; the plan records which and why.
const importance = channelImportance(weights, "gamma");
if (!importance) throw new Error(`${file} has no gammas.`);
const share = { kind: "global", percent: Number(percent) } as const;
const plan = makePlan({ spec, importance, share, multiple: 8 });
for (const [index, { kept, total }] of plan.layers.entries()) {
  console.log(`conv ${index}: keeps ${kept} of ${total} channels`);
}

// Folds the constant outputs of pruned channels into the next biases.
const absorbed = absorbBetas(spec, weights, plan);
const small = prunedSpec(spec, plan);
const smallWeights = pruneWeights(spec, absorbed.weights, plan);

const state = weightsState(small, smallWeights);
const model = readModel({ state, path: file, manifest: undefined }, graphOf(small));
const merged = foldBatchNorms(bakeWeights(model));
console.log(`layers of the merged net: ${merged.graph.nodes.length}`);
const [before, after] = [netCost(spec), netCost(small)];
console.log(`parameters: ${before.parameters} -> ${after.parameters}`);
console.log(`multiplications per image: ${before.macs} -> ${after.macs}`);
