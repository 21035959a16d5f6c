// Compares channel groups, kept filters and times with those of Torch-Pruning, for the same weights, criterion (l1, l2,
// gamma) and ranking (each layer alone or all together); half of the channels are pruned:
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
import { textTable } from "../dist/report/text-table.js";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node bench/channel-groups.js FOLDER");
  process.exit(2);
}

const REPEATS = 3;

/** The percent whose threshold prunes this many of some channels. */
const percentOf = (pruned, channels) => (pruned - 0.5) / channels;

const prunedCount = (channels, ratio) => channels - Math.floor(channels * (1 - ratio));

const shareOf = (importance, { scope }, ratio) => {
  if (scope === "local") {
    const percents = importance.map(({ length }) => percentOf(prunedCount(length, ratio), length));
    return { kind: "layers", percents };
  }
  const channels = importance.reduce((sum, { length }) => sum + length, 0);
  return { kind: "global", percent: percentOf(prunedCount(channels, ratio), channels) };
};

/** What qprune keeps, and the milliseconds for planning and applying. */
const planOf = (graph, model, run, ratio) => {
  const start = performance.now();
  const map = channelMap(graph);
  const { criterion: kind } = run;
  const options = { criterion: { kind }, combine: "mean", isRelative: kind !== "gamma" };
  const importanceOf = channelImportance(model, map, options);
  const ranked = map.coupled
    .filter(({ fixedBecause }) => fixedBecause === undefined)
    .map((each) => [each, importanceOf(each)])
    .filter(([, importance]) => importance);
  const [layers, importance] = [ranked.map(([each]) => each), ranked.map(([, own]) => own)];
  const share = shareOf(importance, run, ratio);
  const plan = makePlan({ map, layers, importance, share, multiple: 1 });
  pruneWeights(model, plan.channels);
  return { plan, milliseconds: performance.now() - start };
};

const best = (compute) =>
  Array.from({ length: REPEATS }, compute).reduce((one, other) =>
    other.milliseconds < one.milliseconds ? other : one,
  );

const row = (name, graph, model, run, ratio) => {
  const { plan, milliseconds } = best(() => planOf(graph, model, run, ratio));
  const start = [name, run.criterion, run.scope];
  const own = plan.layers.length;
  if (run.error) return [...start, "fails", String(own), "", "", "", milliseconds.toFixed(0)];
  const theirs = new Set(run.groups.map((names) => names.join()));
  const shared = plan.layers.filter(({ names }) => theirs.has([...names].sort().join()));
  const names = shared.flatMap((layer) => layer.names);
  const same = names.filter(
    (layer) => String([...(plan.channels.get(layer) ?? [])]) === String(run.keep[layer]),
  );
  return [
    ...start,
    String(theirs.size),
    String(own),
    String(shared.length),
    `${same.length} of ${names.length}`,
    (1000 * run.seconds).toFixed(0),
    milliseconds.toFixed(0),
  ];
};

const rows = [];
const errors = new Set();
for (const file of readdirSync(folder).filter((each) => each.endsWith(".json"))) {
  const name = file.replace(/\.json$/, "");
  const { side, classes, ratio, runs } = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const image = { height: side, width: side, channels: 3 };
  const graph = graphArchitectures[name].build({ classes, image });
  const model = readModel(await loadCheckpoint(join(folder, `${name}.pth`)), graph);
  for (const run of runs) {
    rows.push(row(name, graph, model, run, ratio));
    if (run.error) errors.add(`${name}: Torch-Pruning fails with ${run.error}`);
  }
}
const number = (title) => ({ title, isNumber: true });
process.stdout.write(
  textTable(
    [
      { title: "net" },
      { title: "by" },
      { title: "ranked" },
      number("their groups"),
      number("ours"),
      number("same layers"),
      number("layers with the same filters"),
      number("their ms"),
      number("ours"),
    ],
    rows,
  ),
);
for (const error of errors) console.log(error);
