// Prunes the channels of a trained net to multiples of 8, folds its batch norms, and prints what remains:
// node examples/prune-and-merge.mts FILE.safetensors [PERCENT]
import {
  bakeWeights,
  channelImportance,
  channelMap,
  foldBatchNorms,
  foldConstants,
  graphCost,
  graphOf,
  loadCheckpoint,
  loadEngine,
  makePlan,
  pruneWeights,
  readModel,
} from "qprune";

const [file, percent = "0.5"] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: prune-and-merge.mts FILE.safetensors [PERCENT]");
await loadEngine({ engine: "auto" });

const checkpoint = await loadCheckpoint(file);
if (!checkpoint.manifest) throw new Error(`${file} does not record its net.`);
const graph = graphOf(checkpoint.manifest.spec);
const model = readModel(checkpoint, graph);

// Layers whose channels are removed together: of a chain each one alone, of a residual net all that are added.
const map = channelMap(graph);
const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);

// |gamma| of the batch norms decides which channels are kept; the plan records which and why.
const criterion = { kind: "gamma" } as const;
const importanceOf = channelImportance(model, map, {
  criterion,
  combine: "mean",
  isRelative: false,
});
const importance = layers.map((each) => {
  const values = importanceOf(each);
  if (!values) throw new Error(`${each.names[0]} has no gammas.`);
  return values;
});
const share = { kind: "global", percent: Number(percent) } as const;
const plan = makePlan({ map, layers, importance, share, multiple: 8 });
for (const { names, kept, total } of plan.layers) {
  console.log(`${names.join(", ")}: keeps ${kept} of ${total} channels`);
}

// Folds the constant outputs of pruned channels into the layers that read them.
const small = pruneWeights(foldConstants(model, plan.channels).model, plan.channels);
const merged = foldBatchNorms(bakeWeights(small));
console.log(`layers of the merged net: ${merged.graph.nodes.length}`);
const [before, after] = [graphCost(graph), graphCost(small.graph)];
console.log(`parameters: ${before.parameters} -> ${after.parameters}`);
console.log(`multiplications per image: ${before.macs} -> ${after.macs}`);
