// Prunes the channels of a trained net to multiples of 8, folds its batch norms, and shows what is left:
// node examples/prune-and-merge.mts FILE.safetensors [PERCENT]
import {
  absorbBetas,
  bakeWeights,
  channelImportance,
  loadCheckpoint,
  loadEngine,
  makePlan,
  mergeNet,
  netCost,
  readNetWeights,
  smallerSpec,
  transplant,
} from "qprune";

const [file, percent = "0.5"] = process.argv.slice(2);
if (file === undefined) throw new Error("Pass the file of a trained net.");
await loadEngine({ engine: "auto" });

const checkpoint = await loadCheckpoint(file);
if (!checkpoint.manifest) throw new Error(`${file} does not record its net.`);
const { spec } = checkpoint.manifest;
const weights = readNetWeights(checkpoint, spec);

// |gamma| of the norms decides which channels are kept; the plan lists them, with reasons.
const importance = channelImportance(weights, "gamma");
if (!importance) throw new Error(`${file} has no gammas.`);
const share = { kind: "global", percent: Number(percent) } as const;
const plan = makePlan({ spec, importance, share, multiple: 8 });
for (const [at, { kept, total }] of plan.layers.entries()) {
  console.log(`conv ${at}: ${kept} of ${total} channels kept`);
}

// The constant outputs of pruned channels are folded into the next biases.
const absorbed = absorbBetas(spec, weights, plan);
const small = smallerSpec(spec, plan);
const smallWeights = transplant(spec, absorbed.weights, plan);

const baked = bakeWeights(small, smallWeights);
const merged = mergeNet(baked.spec, baked.weights);
const [before, after] = [netCost(spec), netCost(merged.spec)];
console.log(`parameters: ${before.parameters} -> ${after.parameters}`);
console.log(`multiplications per image: ${before.macs} -> ${after.macs}`);
