// node bench/workers/speed.js [--data DIR] [--steps 60] [--rounds 3] [--namespaces NAME,NAME] [--arch nin_gc] [--width 1]: images per
// second of one process pinned to core 0, and of two workers pinned to cores 0 and 1, in alternating rounds, with 8/8 bits. Run it on an
// idle machine. With the two network namespaces of namespaces.sh, which may have a delay and a rate, the workers run in these.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "../median.js";
import { runWorkers, start } from "./start.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    steps: { type: "string", default: "60" },
    rounds: { type: "string", default: "3" },
    namespaces: { type: "string" },
    arch: { type: "string", default: "nin_gc" },
    width: { type: "string", default: "1" },
    batch: { type: "string", default: "50" },
  },
});
const namespaces = values.namespaces?.split(",") ?? [];
const ARGS = [
  ...["wqaq", "--arch", values.arch, "--width", values.width, "--Wbits", "8", "--Abits", "8"],
  ...(values.data ? ["--data", values.data] : ["--dataset", "digits"]),
  ...["--train_batch_size", values.batch, "--epochs", "100", "--max-steps", values.steps],
  ...["--num_workers", "0", "--test-limit", "50", "--log-every", "1", "--save", "net.safetensors"],
];
const pinned = (core) => [
  ...(namespaces[core] ? ["ip", "netns", "exec", namespaces[core]] : []),
  ...["taskset", "-c", String(core)],
];

const folder = mkdtempSync(join(tmpdir(), "qprune-speed-"));
/** Images per second of the whole training, without its start. */
const speedOf = ({ code, errors, events }) => {
  if (code !== 0) throw new Error(errors);
  return events.find(({ event }) => event === "done").trainImagesPerSecond;
};
const [ones, twos] = [[], []];
for (let round = 0; round < Number(values.rounds); round++) {
  ones.push(speedOf(await start(ARGS, { cwd: folder, prefix: pinned(0) }).ended));
  const [first] = await runWorkers(ARGS, 2, {
    cwd: folder,
    prefixes: [pinned(0), pinned(1)],
    hosts: namespaces.length > 0 ? ["10.77.0.1", "10.77.0.2"] : [],
  });
  // The speed of a process is that of its own images.
  twos.push(2 * speedOf(first));
}
rmSync(folder, { recursive: true });
const [one, two] = [median(ones), median(twos)];
process.stdout.write(`| | images/s |\n|---|---|\n`);
process.stdout.write(`| one process, core 0 | ${one.toFixed(1)} |\n`);
process.stdout.write(`| two workers, cores 0 and 1 | ${two.toFixed(1)} |\n`);
process.stdout.write(`| gain | ${(two / one).toFixed(3)} |\n`);
const share = 1 - two / (2 * one);
process.stdout.write(
  `| step time that is not the worker's own work | ${(100 * share).toFixed(1)}% |\n`,
);
