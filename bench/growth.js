// How the cost of a training step grows with batch, width and image side, one factor at a time, compared with PyTorch:
//   node bench/growth.js --torch PYTHON [--net nin] [--bits 8] [--steps 5] [--pairs 1]
// Prints a row of a Markdown table for each point. A batch is halved until its estimated peak fits 8 GB.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { builtInNets } from "../dist/models/chains/built-in-chains.js";
import { scaledWidths } from "../dist/models/chains/descriptions/chain-from-description.js";
import { median } from "./median.js";

const { values: asked } = parseArgs({
  options: {
    torch: { type: "string", default: "python3" },
    net: { type: "string", default: "nin" },
    bits: { type: "string", default: "8" },
    steps: { type: "string", default: "5" },
    pairs: { type: "string", default: "1" },
  },
});
const USUAL = { batch: 50, width: 1, side: 32 };
const FACTORS = { batch: [16, 50, 128, 256], width: [0.25, 0.5, 2], side: [64, 128] };
/** PyTorch's peak at the usual point is about 1.2 GB (NIN) and 1.9 GB (NIN-GC). */
const USUAL_PEAK_GB = { nin: 1.2, nin_gc: 1.9 };
const MOST_GB = 8;

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const run = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
};

const fitting = ({ batch, width, side }) => {
  const gigabytes = (images) =>
    (USUAL_PEAK_GB[asked.net] ?? 2) * (images / USUAL.batch) * width * (side / USUAL.side) ** 2;
  let images = batch;
  while (gigabytes(images) > MOST_GB) images = Math.floor(images / 2);
  return images;
};

const measure = (point) => {
  const batch = fitting(point);
  const cfg = scaledWidths(builtInNets[asked.net], point.width).join(",");
  const common = ["--net", asked.net, "--cfg", cfg, "--batch", String(batch)];
  const shared = [...common, "--size", String(point.side), "--steps", asked.steps, "--warmup", "2"];
  const [ours, theirs] = [[], []];
  for (let pair = 0; pair < Number(asked.pairs); pair++) {
    const { bits } = asked;
    ours.push(
      run(process.execPath, [here("measure-net.js"), ...shared, "--Wbits", bits, "--Abits", bits]),
    );
    theirs.push(
      run(asked.torch, [here("torch/train_steps.py"), ...shared, "--wbits", bits, "--abits", bits]),
    );
  }
  return { batch, ours, theirs };
};

const show = (point) => {
  const { batch, ours, theirs } = measure(point);
  const speed = (results) => median(results.map(({ imagesPerSecond }) => imagesPerSecond));
  const memory = (results) => median(results.map(({ peakMemoryMb }) => peakMemoryMb));
  const cells = [
    `${batch}, ${point.width}, ${point.side}`,
    speed(ours).toFixed(1),
    speed(theirs).toFixed(1),
    (speed(ours) / speed(theirs)).toFixed(2),
    `${memory(ours).toFixed(0)} MiB`,
    `${memory(theirs).toFixed(0)} MiB`,
    (memory(ours) / memory(theirs)).toFixed(2),
  ];
  console.log(`| ${cells.join(" | ")} |`);
};

console.log("| batch, width, side | images/s | PyTorch | ratio | peak memory | PyTorch | ratio |");
console.log("|---|---|---|---|---|---|---|");
for (const [factor, values] of Object.entries(FACTORS)) {
  for (const value of values) show({ ...USUAL, [factor]: value });
}
