// node bench/workers/equal-losses.js [--steps 50] [--workers 2,4] [--data DIR] [--width 0.25] [--nets float,8/8] [--namespaces NAME,NAME]: trains the same nets as several workers
// and as one process that accumulates the gradients of as many batches, and prints the largest relative difference of the losses
// of all steps. The workers themselves compare their weights to the bit after every epoch. With --data DIR on CIFAR-10, otherwise on
// the digits. With the two network namespaces of namespaces.sh, two workers have an address in each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { largestDifference, lossesOf, runWorkers, start } from "./start.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "50" },
    workers: { type: "string", default: "2,4" },
    data: { type: "string" },
    width: { type: "string", default: "0.25" },
    batch: { type: "string", default: "50" },
    nets: { type: "string", default: "float,8/8,W2/A2,-sr" },
    namespaces: { type: "string" },
  },
});

const DATA = values.data ? ["--data", values.data] : ["--dataset", "digits"];
const COMMON = [
  ...DATA,
  ...["--width", values.width, "--max-steps", values.steps, "--epochs", "100"],
  ...["--log-every", "1", "--num_workers", "0", "--save", "net.safetensors"],
  ...["--test-limit", "200", "--train-limit", "4000"],
];
const NETS = {
  float: ["prune", "--arch", "nin_gc"],
  "8/8": ["wqaq", "--arch", "nin_gc", "--Wbits", "8", "--Abits", "8"],
  "W2/A2": ["wbwtab", "--arch", "nin_gc", "--W", "2", "--A", "2"],
  "-sr": ["prune", "--arch", "nin_gc", "-sr"],
};

const namespaces = values.namespaces?.split(",") ?? [];
const places = {
  prefixes: namespaces.map((name) => ["ip", "netns", "exec", name]),
  hosts: namespaces.map((_, index) => `10.77.0.${index + 1}`),
};

const folder = mkdtempSync(join(tmpdir(), "qprune-workers-"));
const checked = (end) => {
  if (end.code === 0) return end;
  throw new Error(end.errors);
};
process.stdout.write("| net | workers | largest difference | steps |\n|---|---|---|---|\n");
for (const name of values.nets.split(",")) {
  const args = NETS[name];
  for (const count of values.workers.split(",").map(Number)) {
    const batch = ["--train_batch_size", values.batch];
    const one = [...args, ...COMMON, ...batch, "--accumulate", String(count)];
    const alone = checked(await start(one, { cwd: folder }).ended);
    const workers = await runWorkers([...args, ...COMMON, ...batch], count, {
      cwd: folder,
      ...places,
    });
    const [first] = workers.map(checked);
    const losses = lossesOf(first);
    const difference = largestDifference(losses, lossesOf(alone));
    process.stdout.write(`| ${name} | ${count} | ${difference} | ${losses.length} |\n`);
  }
}
rmSync(folder, { recursive: true });
