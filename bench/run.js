// npm run bench: images/s, peak memory and the share of each op for the nets; with --torch [PYTHON]
// the same nets and steps in PyTorch, alternating, with the ratios to its fastest configurations.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.js";

const HELP = `npm run bench -- [options]
  --torch [PYTHON]   compare with PyTorch, run by this interpreter (default: python3)
  --configurations A,B
                     of PyTorch: of float32, channels_last, bf16, bf16+channels_last (default: all)
  --precision P      of qprune's convolutions: float32 or bf16 (default: float32)
  --pairs N          measurements of each net, alternating (default: 3)
  --steps N          timed steps of a measurement (default: 15)
  --nets A,B         of nin-8, nin_gc-32, resnet20-8, mobilenet_v2-32 and the like (net-bits), and nin-w2a2,
                     nin_gc-w3a32 (net-values)
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
    configurations: { type: "string", default: "float32,channels_last,bf16,bf16+channels_last" },
    precision: { type: "string", default: "float32" },
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
/** Images of nets that were not made for 32 pixels, with the batch of a training step. */
const IMAGES = { mobilenet_v2: { size: "96", batch: "32" } };
/** PyTorch's configurations: the precision, and the flags of bench/torch. */
const CONFIGURATIONS = {
  float32: { precision: "float32", flags: [] },
  channels_last: { precision: "float32", flags: ["--channels-last"] },
  bf16: { precision: "bf16", flags: ["--bf16"] },
  "bf16+channels_last": { precision: "bf16", flags: ["--bf16", "--channels-last"] },
};
const configurations = asked.configurations.split(",");

const run = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
};

const common = (net, mode) => {
  const { size = "32", batch = "50" } = IMAGES[net] ?? {};
  return [
    ...["--net", net, "--mode", mode, "--steps", asked.steps],
    ...["--size", size, "--batch", mode === "eval" ? EVAL_BATCH : batch],
  ];
};
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
    ...["--precision", asked.precision],
    ...(profile ? ["--profile"] : []),
  ]);
const measureTorch = (net, quantization, mode, configuration) =>
  run(asked.torch, [
    here("torch/train_steps.py"),
    ...common(net, mode),
    ...flagsOf(quantization).torch,
    ...CONFIGURATIONS[configuration].flags,
  ]);

const speedsOf = (results) => results.map(({ imagesPerSecond }) => imagesPerSecond);
const memoryOf = (results) => median(results.map(({ peakMemoryMb }) => peakMemoryMb));

/** The fastest of PyTorch's configurations, by its median, with the ratios of each round. */
const against = (ours, theirs, names) => {
  const speed = (name) => median(speedsOf(theirs[name]));
  const [fastest] = [...names].sort((a, b) => speed(b) - speed(a));
  const ratios = ours.map(
    ({ imagesPerSecond }, at) => imagesPerSecond / theirs[fastest][at].imagesPerSecond,
  );
  return {
    configuration: fastest,
    imagesPerSecond: speed(fastest),
    peakMemoryMb: memoryOf(theirs[fastest]),
    speedRatio: median(ratios),
    speedRatios: ratios,
    memoryRatio: memoryOf(ours) / memoryOf(theirs[fastest]),
  };
};

const row = (net, bits, mode) => {
  const ours = [];
  const theirs = Object.fromEntries(configurations.map((name) => [name, []]));
  for (let pair = 0; pair < Number(asked.pairs); pair++) {
    ours.push(measureOurs(net, bits, mode));
    if (!asked.torch) continue;
    for (const name of configurations) theirs[name].push(measureTorch(net, bits, mode, name));
  }
  const result = {
    net,
    quantization: bits,
    precision: asked.precision,
    mode,
    imagesPerSecond: median(speedsOf(ours)),
    peakMemoryMb: memoryOf(ours),
  };
  if (!asked.torch) return result;
  const floats = configurations.filter((name) => CONFIGURATIONS[name].precision === "float32");
  return {
    ...result,
    torch: theirs[configurations[0]][0].version,
    configurations: Object.fromEntries(
      configurations.map((name) => [name, median(speedsOf(theirs[name]))]),
    ),
    plain: configurations.includes("float32") ? against(ours, theirs, ["float32"]) : undefined,
    bestFloat32: floats.length > 0 ? against(ours, theirs, floats) : undefined,
    best: against(ours, theirs, configurations),
  };
};

const nameOf = (quantization) => {
  if (quantization === "32") return "float";
  return quantization.startsWith("w")
    ? quantization.toUpperCase()
    : `${quantization}/${quantization}`;
};

const shownAgainst = (what, each) => {
  const spread = each.speedRatios.map((ratio) => ratio.toFixed(2)).join(" ");
  return `  ${what} (${each.configuration}): ${each.imagesPerSecond.toFixed(1)} images/s ${each.peakMemoryMb.toFixed(0)} MiB | speed x${each.speedRatio.toFixed(2)} (${spread}), memory x${each.memoryRatio.toFixed(2)}`;
};

const shown = (result) => {
  const name = `${result.net} ${nameOf(result.quantization)} ${result.mode}`;
  const own = `${name.padEnd(24)} ${result.imagesPerSecond.toFixed(1).padStart(7)} images/s ${result.peakMemoryMb.toFixed(0).padStart(6)} MiB`;
  if (!result.torch) return own;
  const { plain, bestFloat32, best } = result;
  const lines = [
    ["as it is", plain],
    ["best in float32", bestFloat32],
    ["best", best],
  ];
  return [
    `${own} | PyTorch ${result.torch}`,
    ...lines.filter(([, each]) => each).map(([what, each]) => shownAgainst(what, each)),
  ].join("\n");
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
