// node bench/other-nets.js FOLDER DATA_DIR PYTHON [STEPS]: takes every *_script.onnx in FOLDER (see torch/export_torchvision.py)
// through the whole chain on CIFAR-10, each step a command: training for a few steps, pruning to 70% of the MACs, quantization to 8 bits
// without training, and export to ONNX before and after it, which onnxruntime of that Python runs on random images. One row per net.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [folder = ".", data = "./data", python = "python3", steps = "20"] = process.argv.slice(2);
const DATA = ["--dataset", "cifar10", "--data", data, "--test-limit", "100"];
const SUFFIX = "_script.onnx";

const QPRUNE = fileURLToPath(new URL("../bin/qprune.js", import.meta.url));

/** What a command prints. */
const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [QPRUNE, ...args], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`${args.slice(0, 2).join(" ")}: ${stderr.trim()}`);
  return stdout;
};
const json = (...args) => JSON.parse(run(...args, "--json"));

const chain = (file, place) => {
  const at = (name) => join(place, name);
  const trained = at("trained.safetensors");
  run(
    ...["prune", "--refine", file, ...DATA, "--train-limit", "2000", "--max-steps", steps],
    ...["--epochs", "1", "--lr", "0.001", "--train_batch_size", "32", "--save", trained],
  );
  const pruned = at("pruned.safetensors");
  const plan = json(
    ...["normal-regular-prune", "--model", trained, "--importance", "l1", "--target-macs", "0.7"],
    ...[...DATA, "--no-test", "--save", pruned],
  );
  const eight = at("eight.safetensors");
  const ptq = json("ptq", pruned, ...DATA, "--calibration", "64", "--no-test", "--save", eight);
  const exported = [pruned, eight].map((net) =>
    json(
      ...["export", net, "--format", "onnx", "--check", python, ...DATA, "--no-test"],
      ...["--save", net.replace("safetensors", "onnx")],
    ),
  );
  return { plan, ptq, exported };
};

const millions = ({ macs }) => `${(macs / 1e6).toFixed(1)} M`;

/** How many random images get the same class in onnxruntime, and the largest difference of logits as a share of the largest. */
const agreement = ({ runtime: { images, sameClass, difference } }) =>
  `${sameClass} of ${images}, ${difference.toExponential(1)}`;

/** The smallest difference between the two largest logits of an image, as a share of the largest. */
const leastLead = ({ runtime }) => runtime.leastLead.toExponential(1);

const row = (name, { plan, ptq, exported: [float, eight] }) => [
  `\`${name}\``,
  millions(plan.before),
  millions(plan.after),
  agreement(float),
  `${Math.min(...ptq.layers.flatMap(({ decibels }) => decibels ?? [])).toFixed(0)} dB`,
  agreement(eight),
  leastLead(eight),
];

const line = (cells) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const titles = [
  "net",
  "MACs",
  "pruned",
  "in onnxruntime",
  "least signal to noise",
  "8 bits in onnxruntime",
  "closest logits",
];
line(titles);
line(titles.map(() => "---"));
const names = readdirSync(folder).filter((each) => each.endsWith(SUFFIX));
for (const file of names.sort()) {
  const place = mkdtempSync(join(tmpdir(), "other-nets-"));
  const name = file.slice(0, -SUFFIX.length);
  try {
    line(row(name, chain(join(folder, file), place)));
  } catch (error) {
    line([`\`${name}\``, error.message]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
