// The accuracies of short runs, for comparison with those of other programs on the same images:
//   node bench/accuracy.js OUT_FOLDER -- wqaq --arch nin --Wbits 8 --Abits 8 --data DIR …
// Runs the command for seeds 1, 2, 3 (or --seeds 4,5,6), 4 epochs on 10,000 images, keeps each run's
// lines in OUT_FOLDER, leaves finished runs as they are, and prints the last epoch's accuracy and the mean.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const separator = process.argv.indexOf("--");
if (separator < 3) {
  console.error("usage: node bench/accuracy.js OUT_FOLDER [--seeds 1,2,3] -- COMMAND …");
  process.exit(2);
}
const [folder, seedsFlag, seedList] = process.argv.slice(2, separator);
const seeds = seedsFlag === "--seeds" ? seedList.split(",") : ["1", "2", "3"];
const command = process.argv.slice(separator + 1);
const RECIPE = ["--epochs", "4", "--train-limit", "10000", "--json", "--log-every", "1000"];
const qprune = fileURLToPath(new URL("../bin/qprune.js", import.meta.url));

const nameOf = (seed) =>
  `${command
    .filter((word) => !word.includes("/"))
    .join("_")
    .replace(/[^\w]+/g, "-")}-seed${seed}`;

const runSeed = (seed) => {
  const finished = join(folder, `${nameOf(seed)}.jsonl`);
  if (!existsSync(finished)) {
    const save = join(folder, `${nameOf(seed)}.safetensors`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [qprune, ...command, ...RECIPE, "--seed", seed, "--save", save],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    writeFileSync(`${finished}.part`, stdout);
    renameSync(`${finished}.part`, finished);
  }
  const events = readFileSync(finished, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return events.filter(({ event }) => event === "epoch").at(-1).testAccuracy;
};

mkdirSync(folder, { recursive: true });
const accuracies = seeds.map((seed) => {
  const accuracy = runSeed(seed);
  console.log(`seed ${seed}: ${accuracy.toFixed(2)} %`);
  return accuracy;
});
const mean = accuracies.reduce((sum, each) => sum + each, 0) / accuracies.length;
console.log(`mean ${mean.toFixed(2)} %  (${command.join(" ")})`);
