// Compares channel groups and kept channels with those of Torch-Pruning, for the same weights and criterion (l1, half of
// the channels of each group of layers):
//   python bench/torch/channel_groups.py FOLDER && node bench/channel-groups.js FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  channelImportance,
  channelMap,
  loadCheckpoint,
  makePlan,
  pruneWeights,
  readModel,
} from "../dist/index.js";
import { graphArchitectures } from "../dist/models/architectures/graph-architectures.js";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node bench/channel-groups.js FOLDER");
  process.exit(2);
}

const L1 = { criterion: { kind: "l1" }, combine: "mean", isRelative: true };

/** The percent whose threshold keeps the more important half of some channels, rounded up. */
const halfOf = (channels) => (Math.floor(channels / 2) - 0.5) / channels;

/** The layers that qprune couples, with what it keeps of each, and the milliseconds that planning and applying took. */
const plansOf = async (name) => {
  const checkpoint = await loadCheckpoint(join(folder, `${name}.pth`));
  const image = { height: 32, width: 32, channels: 3 };
  const graph = graphArchitectures[name].build({ classes: 10, image });
  const model = readModel(checkpoint, graph);
  const start = performance.now();
  const map = channelMap(graph);
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  const importanceOf = channelImportance(model, map, L1);
  const importance = layers.map((each) => importanceOf(each));
  const percents = importance.map(({ length }) => halfOf(length));
  const share = { kind: "layers", percents };
  const plan = makePlan({ map, layers, importance, share, multiple: 1 });
  const planned = performance.now();
  pruneWeights(model, plan.channels);
  return { plan, times: [planned - start, performance.now() - planned] };
};

/** How the groups of one net compare. */
const compare = (theirs, { layers }) => {
  const own = new Map(layers.map(({ names, keep }) => [[...names].sort().join(), keep]));
  const same = theirs.filter(({ layers: names }) => own.has(names.join()));
  const kept = same.filter(
    ({ layers: names, keep }) => String(own.get(names.join())) === String(keep),
  );
  return [theirs.length, own.size, same.length, kept.length];
};

console.log(
  "net: groups of Torch-Pruning, of qprune, same layers, same channels kept; milliseconds",
);
for (const file of readdirSync(folder).filter((each) => each.endsWith(".json"))) {
  const name = file.replace(/\.json$/, "");
  const { groups, seconds } = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const { plan, times } = await plansOf(name);
  const own = times.map((each) => each.toFixed(0)).join(" + ");
  if (!groups) {
    console.log(`${name}: Torch-Pruning failed (${seconds}), ${plan.layers.length}; ${own}`);
    continue;
  }
  const counts = compare(groups, plan).join(", ");
  console.log(`${name}: ${counts}; ${(1000 * seconds).toFixed(0)} against ${own}`);
}
