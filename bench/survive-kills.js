// Kills runs at random moments and resumes them with --resume auto until they finish. Every epoch must print the
// losses of the run that was never interrupted, to the last digit:
//   node bench/survive-kills.js [--kills 20] [--seed 1] [--folder DIR] [-- COMMAND …]
// Without a command: wqaq 4/4, wbwtab W3/A2 with a hysteresis band, and prune -sr, three epochs each, on digits.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    folder: { type: "string" },
  },
  allowPositionals: true,
});
const SMALL =
  "--dataset digits --arch nin --width 0.25 --train-limit 2000 --test-limit 300 --epochs 3";
const COMMON = [...SMALL.split(" "), "--json", "--quiet", "--save-every", "5"];
const COMMANDS =
  positionals.length > 0
    ? [positionals]
    : [
        ["wqaq", "--Wbits", "4", "--Abits", "4"],
        ["wbwtab", "--W", "3", "--A", "2", "--gap"],
        ["prune", "-sr", "--s", "0.001"],
      ];
const qprune = fileURLToPath(new URL("../bin/qprune.js", import.meta.url));
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "qprune-kills-"));

/** A generator of numbers in [0, 1) (mulberry32), so that a run of this script can be repeated. */
let state = Number(values.seed);
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

const epochsOf = (stdout) =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith('{"event":"epoch"'))
    .map((line) => JSON.parse(line))
    .map(({ epoch, trainLoss, testLoss }) => [epoch, `${trainLoss} ${testLoss}`]);

/** Runs until the end, or until it is killed after `ms`. */
const runFor = (args, ms) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [qprune, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });

let failed = false;
for (const command of COMMANDS) {
  const name = command[0];
  const start = Date.now();
  const whole = spawnSync(
    process.execPath,
    [qprune, ...command, ...COMMON, "--save", join(folder, `${name}-whole.safetensors`)],
    { encoding: "utf8" },
  );
  if (whole.status !== 0) throw new Error(whole.stderr);
  const duration = Date.now() - start;
  const expected = new Map(epochsOf(whole.stdout));
  const save = join(folder, `${name}-broken.safetensors`);
  const args = [...command, ...COMMON, "--save", save, "--resume", "auto"];
  let kills = 0;
  const seen = new Map();
  for (;;) {
    // Workers come and go too: their number must not matter.
    const workers = ["--num_workers", String(Math.floor(random() * 3))];
    const limit = kills < Number(values.kills) ? 400 + random() * 0.6 * duration : 600_000;
    const { code, signal, stdout, stderr } = await runFor([...args, ...workers], limit);
    for (const [epoch, losses] of epochsOf(stdout)) {
      if (seen.has(epoch) && seen.get(epoch) !== losses) failed = true;
      seen.set(epoch, losses);
    }
    if (signal === "SIGKILL") {
      kills++;
      continue;
    }
    if (code !== 0) {
      failed = true;
      console.log(stderr);
      break;
    }
    // The run is done; if kills are left, start it again from scratch.
    if (kills >= Number(values.kills)) break;
    rmSync(save.replace(".safetensors", ".state.safetensors"));
  }
  const isEqual = [...expected].every(([epoch, losses]) => seen.get(epoch) === losses);
  failed ||= !isEqual || seen.size !== expected.size;
  console.log(
    `${command.join(" ")}: ${kills} kills, ${seen.size} epochs, ${isEqual ? "all losses equal" : "LOSSES DIFFER"}`,
  );
  for (const [epoch, losses] of seen) console.log(`  epoch ${epoch}: ${losses}`);
}
if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
