// node bench/workers/speed.js [--data DIR] [--steps 60] [--rounds 3] [--namespaces NAME,NAME] [--arch nin_gc] [--width 1]: images per
// second of one process pinned to core 0, of two such processes that know nothing of each other, pinned to cores 0 and 1, and of two
// workers pinned in the same way, in alternating rounds, with 8/8 bits. The processes show how much of a missing gain is the machine's:
// cores share memory and clock. Run it on an idle machine. With the two network namespaces of namespaces.sh, which may have a delay and a
// rate, the workers run in these.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
const [ones, separates, twos] = [[], [], []];
for (let round = 0; round < Number(values.rounds); round++) {
  ones.push(speedOf(await start(ARGS, { cwd: folder, prefix: pinned(0) }).ended));
  const pair = [0, 1].map((core) => {
    const cwd = join(folder, String(core));
    mkdirSync(cwd, { recursive: true });
    return start(ARGS, { cwd, prefix: pinned(core) }).ended;
  });
  separates.push((await Promise.all(pair)).map(speedOf).reduce((sum, speed) => sum + speed));
  const [first] = await runWorkers(ARGS, 2, {
    cwd: folder,
    prefixes: [pinned(0), pinned(1)],
    hosts: namespaces.length > 0 ? ["10.77.0.1", "10.77.0.2"] : [],
  });
  // The speed of a process is that of its own images.
  twos.push(2 * speedOf(first));
}
rmSync(folder, { recursive: true });
const [one, separate, two] = [median(ones), median(separates), median(twos)];
process.stdout.write(`| | images/s |\n|---|---|\n`);
process.stdout.write(`| one process, core 0 | ${one.toFixed(1)} |\n`);
process.stdout.write(`| two separate processes, cores 0 and 1 | ${separate.toFixed(1)} |\n`);
process.stdout.write(`| two workers, cores 0 and 1 | ${two.toFixed(1)} |\n`);
process.stdout.write(`| gain | ${(two / one).toFixed(3)} |\n`);
process.stdout.write(`| gain of separate processes | ${(separate / one).toFixed(3)} |\n`);
process.stdout.write(
  `| step time that the exchange costs | ${(100 * (1 - two / separate)).toFixed(1)}% |\n`,
);
