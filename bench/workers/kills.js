// node bench/workers/kills.js [--kills 20] [--workers 2] [--seed 1]: trains a small net for 3 epochs, kills a random worker at a random
// step, and runs the same command again; prints for every kill how the others ended, after how long, and whether the
// result is that of an undisturbed run to the bit.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { asWorker, freePorts, lossesOf, runWorkers, start } from "./start.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    workers: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
  },
});
const COUNT = Number(values.workers);
const ARGS = [
  ...["wqaq", "--dataset", "digits", "--arch", "nin_gc", "--width", "0.125"],
  ...["--Wbits", "8", "--Abits", "8", "--epochs", "3", "--train-limit", "400"],
  ...["--test-limit", "200", "--num_workers", "0", "--log-every", "1"],
  ...["--save", "net.safetensors", "--resume", "auto"],
];
const STEPS = 3 * Math.ceil(400 / (50 * COUNT));

let state = Number(values.seed);
/** A whole number from 0 to below `limit` (Park & Miller). */
const draw = (limit) => {
  state = (state * 48_271) % 2_147_483_647;
  return state % limit;
};

const folder = mkdtempSync(join(tmpdir(), "qprune-kills-"));
const inNew = async (action) => {
  const cwd = mkdtempSync(join(folder, "run-"));
  return action(cwd);
};
const netIn = (cwd) => readFileSync(join(cwd, "net.state.safetensors"));
/** Without the times and the name of the run: the tensors, which follow the header. */
const tensorsOf = (bytes) => bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));

const undisturbed = await inNew(async (cwd) => {
  const ends = await runWorkers(ARGS, COUNT, { cwd });
  for (const { code, errors } of ends) if (code !== 0) throw new Error(errors);
  return { tensors: tensorsOf(netIn(cwd)), loss: lossesOf(ends[0]).at(-1) };
});

let failures = 0;
process.stdout.write(
  "| kill | worker | after step | others | seconds | rerun | last loss | equal |\n|---|---|---|---|---|---|---|---|\n",
);
for (let kill = 1; kill <= Number(values.kills); kill++) {
  const victim = draw(COUNT);
  const step = 1 + draw(STEPS - 1);
  await inNew(async (cwd) => {
    const ports = await freePorts(COUNT);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const workers = [];
    let killedAt = 0;
    const onEvent = ({ event, step: done }) => {
      if (event !== "step" || done !== step || killedAt > 0) return;
      killedAt = performance.now();
      workers[victim].child.kill("SIGKILL");
    };
    for (const index of addresses.keys()) {
      workers.push(start([...ARGS, ...asWorker(addresses, index)], { cwd, onEvent }));
    }
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    const seconds = (performance.now() - killedAt) / 1000;
    const others = ends.filter((_, index) => index !== victim).map(({ code }) => code);
    const again = await runWorkers(ARGS, COUNT, { cwd });
    const codes = again.map(({ code }) => code);
    const isEqual = tensorsOf(netIn(cwd)).equals(undisturbed.tensors);
    const isRight = isEqual && others.every((code) => code === 75) && codes.every((c) => c === 0);
    if (!isRight) failures++;
    const loss = lossesOf(again[0]).at(-1);
    const cells = [kill, victim, step, others, seconds.toFixed(1), codes, loss, isEqual];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  });
}
rmSync(folder, { recursive: true });
process.stdout.write(
  `\n${failures} failures; the undisturbed run ended with ${undisturbed.loss}.\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
