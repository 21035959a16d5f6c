// npm run bench: images/s, peak memory and the share of each op for the nets; with --torch [PYTHON]
// the same nets and steps in PyTorch, in alternating pairs, with the ratio.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.js";

const HELP = `npm run bench -- [options]
  --torch [PYTHON]   compare with PyTorch, run by this interpreter (default: python3)
  --pairs N          measurements of each net, alternating (default: 3)
  --steps N          timed steps of a measurement (default: 15)
  --nets A,B         of nin-8, nin_gc-32 and the like (net-bits), nin-w2a2, nin_gc-w3a32 (net-values)
  --modes A,B        of train, eval (default: both)
  --json             one JSON object per row
`;

/** \`--torch\` alone means python3. */
const withDefaultPython = (argv) =>
  argv.flatMap((argument, at) =>
    argument === "--torch" && (argv[at + 1] ?? "--").startsWith("--")
      ? ["--torch", "python3"]
      : [argument],
  );

const { values: asked } = parseArgs({
  args: withDefaultPython(process.argv.slice(2)),
  options: {
    torch: { type: "string" },
    pairs: { type: "string", default: "3" },
    steps: { type: "string", default: "15" },
    nets: { type: "string", default: "nin-8,nin-32,nin_gc-8,nin_gc-32" },
    modes: { type: "string", default: "train,eval" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (asked.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const EVAL_BATCH = "256";

const run = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
};

const common = (net, mode) => [
  "--net",
  net,
  "--mode",
  mode,
  "--steps",
  asked.steps,
  ...(mode === "eval" ? ["--batch", EVAL_BATCH] : []),
];
/** "8": 8-bit DoReFa on both sides, as flags of both programs; "w2a32": values of weights and activations. */
const flagsOf = (quantization) => {
  const values = /^w(\d+)a(\d+)$/.exec(quantization);
  if (values) {
    const [, weights, activations] = values;
    return {
      ours: ["--W", weights, "--A", activations],
      torch: ["--family", "wbwtab", "--W", weights, "--A", activations],
    };
  }
  return {
    ours: ["--Wbits", quantization, "--Abits", quantization],
    torch: ["--family", "wqaq", "--wbits", quantization, "--abits", quantization],
  };
};
const measureOurs = (net, quantization, mode, profile) =>
  run(process.execPath, [
    here("measure-net.js"),
    ...common(net, mode),
    ...flagsOf(quantization).ours,
    ...(profile ? ["--profile"] : []),
  ]);
const measureTorch = (net, quantization, mode) =>
  run(asked.torch, [
    here("torch/train_steps.py"),
    ...common(net, mode),
    ...flagsOf(quantization).torch,
  ]);

const row = (net, bits, mode) => {
  const ours = [];
  const theirs = [];
  for (let pair = 0; pair < Number(asked.pairs); pair++) {
    ours.push(measureOurs(net, bits, mode));
    if (asked.torch) theirs.push(measureTorch(net, bits, mode));
  }
  const speeds = (results) => results.map(({ imagesPerSecond }) => imagesPerSecond);
  const memory = (results) => median(results.map(({ peakMemoryMb }) => peakMemoryMb));
  const result = {
    net,
    quantization: bits,
    mode,
    imagesPerSecond: median(speeds(ours)),
    peakMemoryMb: memory(ours),
  };
  if (!asked.torch) return result;
  const ratios = ours.map((each, at) => each.imagesPerSecond / theirs[at].imagesPerSecond);
  return {
    ...result,
    torch: theirs[0].version,
    torchImagesPerSecond: median(speeds(theirs)),
    torchPeakMemoryMb: memory(theirs),
    speedRatio: median(ratios),
    speedRatios: ratios,
    memoryRatio: memory(ours) / memory(theirs),
  };
};

const nameOf = (quantization) => {
  if (quantization === "32") return "float";
  return quantization.startsWith("w")
    ? quantization.toUpperCase()
    : `${quantization}/${quantization}`;
};

const shown = (result) => {
  const name = `${result.net} ${nameOf(result.quantization)} ${result.mode}`;
  const own = `${result.imagesPerSecond.toFixed(1).padStart(7)} images/s ${result.peakMemoryMb.toFixed(0).padStart(6)} MiB`;
  if (result.speedRatio === undefined) return `${name.padEnd(20)} ${own}`;
  const spread = result.speedRatios.map((ratio) => ratio.toFixed(2)).join(" ");
  return `${name.padEnd(20)} ${own} | PyTorch ${result.torch}: ${result.torchImagesPerSecond.toFixed(1)} images/s ${result.torchPeakMemoryMb.toFixed(0)} MiB | speed x${result.speedRatio.toFixed(2)} (${spread}), memory x${result.memoryRatio.toFixed(2)}`;
};

const OPS_SHOWN = 10;
const showOps = (net, bits) => {
  const { ops, stepMs } = measureOurs(net, bits, "train", true);
  const total = median(stepMs);
  console.log(`What a training step of ${net} ${nameOf(bits)} spends (${total.toFixed(0)} ms):`);
  for (const { name, msPerStep, callsPerStep } of ops.slice(0, OPS_SHOWN)) {
    const share = ((100 * msPerStep) / total).toFixed(1).padStart(5);
    console.log(`  ${share} %  ${name} (${callsPerStep} calls)`);
  }
};

console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`);
const nets = asked.nets.split(",").map((each) => each.split("-"));
for (const mode of asked.modes.split(","))
  for (const [net, bits] of nets) {
    const result = row(net, bits, mode);
    console.log(asked.json ? JSON.stringify(result) : shown(result));
  }
if (!asked.json && asked.modes.includes("train"))
  for (const [net, bits] of nets) showOps(net, bits);
