// Measures what each trick of binary and ternary training does on short runs and writes the table of
// docs/tricks.md:
//   node bench/tricks.js DATA_DIR OUT_FOLDER
// NIN at half width, 5,000 CIFAR-10 images, 4 epochs, 2,000 test images, seeds 1 to 3. Finished runs stay in
// OUT_FOLDER and are not repeated, so the script may be stopped and restarted at any time.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SEEDS = ["1", "2", "3"];
const RECIPE = [
  ...["--width", "0.5", "--train-limit", "5000", "--test-limit", "2000", "--epochs", "4"],
  // Tests of so short a run scatter with running statistics.
  ...["--settle-batches", "20"],
];

const BINARY = ["--W", "2", "--A", "2"];
/** Each row: its name in the table, the flags that differ, and the arch. */
const ROWS = [
  { name: "W2/A2, as in the reference scripts", flags: BINARY },
  { name: "without alpha", flags: [...BINARY, "--no-alpha"] },
  { name: "STE: identity", flags: [...BINARY, "--ste", "ste"] },
  { name: "STE: soft", flags: [...BINARY, "--ste", "soft_ste"] },
  { name: "BN momentum 0.2", flags: [...BINARY, "--bn-momentum", "0.2"] },
  { name: "BN momentum 0.8", flags: [...BINARY, "--bn-momentum", "0.8"] },
  { name: "fixed gamma", flags: [...BINARY, "--fixed-gamma"] },
  { name: "activations {0, 1}", flags: [...BINARY, "--binary-values", "zero-one"] },
  { name: "B-A-C-P (nin_bn_conv)", flags: BINARY, arch: "nin_bn_conv" },
  { name: "W3/A2, as in the reference scripts", flags: ["--W", "3", "--A", "2"] },
  { name: "W3/A2 with a hysteresis band", flags: ["--W", "3", "--A", "2", "--gap"] },
  { name: "W3/A2 with band and alpha", flags: ["--W", "3", "--A", "2", "--gap", "--alpha"] },
];

const [data, folder] = process.argv.slice(2);
if (!data || !folder) {
  console.error("usage: node bench/tricks.js DATA_DIR OUT_FOLDER");
  process.exit(2);
}
const qprune = fileURLToPath(new URL("../bin/qprune.js", import.meta.url));

const fileOf = ({ name }, seed) => join(folder, `${name.replace(/[^\w]+/g, "-")}-${seed}.jsonl`);

const run = (row, seed) => {
  const finished = fileOf(row, seed);
  if (existsSync(finished)) return;
  const save = join(folder, "last.safetensors");
  const common = ["--data", data, "--arch", row.arch ?? "nin", "--seed", seed, "--save", save];
  const args = [qprune, "wbwtab", ...common, ...RECIPE, ...row.flags, "--json", "--quiet"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  writeFileSync(`${finished}.part`, stdout);
  renameSync(`${finished}.part`, finished);
};

const resultOf = (row, seed) => {
  const lines = readFileSync(fileOf(row, seed), "utf8").trim().split("\n");
  const epochs = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "epoch");
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return { accuracy: epochs.at(-1).testAccuracy, seconds };
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

mkdirSync(folder, { recursive: true });
// Seed by seed, so that rows are compared under the same load of the machine.
for (const seed of SEEDS) for (const row of ROWS) run(row, seed);

const results = ROWS.map((row) => ({ row, runs: SEEDS.map((seed) => resultOf(row, seed)) }));
const baseSeconds = mean(results[0].runs.map(({ seconds }) => seconds));
console.log("| row | mean accuracy | seeds 1, 2, 3 | time of a run against the first row |");
console.log("|---|---|---|---|");
for (const { row, runs } of results) {
  const accuracies = runs.map(({ accuracy }) => accuracy);
  const time = mean(runs.map(({ seconds }) => seconds)) / baseSeconds;
  const each = accuracies.map((accuracy) => accuracy.toFixed(1)).join(" ");
  console.log(`| ${row.name} | ${mean(accuracies).toFixed(1)} % | ${each} | ${time.toFixed(2)} |`);
}
