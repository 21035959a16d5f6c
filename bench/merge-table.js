// Trains nets briefly on real images, merges their batch norms and writes a table of what changed:
//   node bench/merge-table.js DATA_DIR OUT_FOLDER [--width 0.5]
// 3,000 training images, one epoch, 5,000 test images; finished rows stay in OUT_FOLDER and are not measured twice.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [data, folder, ...more] = process.argv.slice(2);
if (!data || !folder) {
  console.error("usage: node bench/merge-table.js DATA_DIR OUT_FOLDER [--width FACTOR]");
  process.exit(2);
}
const MIXES = {
  "W2/A2": ["wbwtab", "--W", "2", "--A", "2"],
  "W3/A2": ["wbwtab", "--W", "3", "--A", "2"],
  "W2/A32": ["wbwtab", "--W", "2", "--A", "32"],
  "W3/A32": ["wbwtab", "--W", "3", "--A", "32"],
  "8/8 bits": ["wqaq", "--Wbits", "8", "--Abits", "8"],
  "4/4 bits": ["wqaq", "--Wbits", "4", "--Abits", "4"],
  "2/2 bits": ["wqaq", "--Wbits", "2", "--Abits", "2"],
  "W3, 4 bits": ["wbwtab", "--W", "3", "--Abits", "4"],
  "4 bits, A2": ["wqaq", "--Wbits", "4", "--A", "2"],
};
const qprune = fileURLToPath(new URL("../bin/qprune.js", import.meta.url));

const call = (args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [qprune, ...args], {
    encoding: "utf8",
    cwd: folder,
  });
  if (status !== 0) throw new Error(`${args.join(" ")}\n${stderr}`);
  return stdout;
};

const rowOf = (arch, mix, [command, ...flags]) => {
  const name = `${arch}-${mix.replace(/\W+/g, "-")}`;
  const finished = join(folder, `${name}.json`);
  if (!existsSync(finished)) {
    const limits = ["--train-limit", "3000", "--test-limit", "200", "--epochs", "1"];
    const save = ["--save", `${name}.safetensors`];
    call([
      command,
      ...flags,
      "--arch",
      arch,
      "--data",
      data,
      ...limits,
      ...more,
      ...save,
      "--quiet",
    ]);
    const merged = ["--model", `${name}.safetensors`, "--save", `${name}-merged.safetensors`];
    const result = call(["bn-merge", ...merged, "--data", data, "--test-limit", "5000", "--json"]);
    writeFileSync(`${finished}.part`, result);
    renameSync(`${finished}.part`, finished);
  }
  return JSON.parse(readFileSync(finished, "utf8"));
};

mkdirSync(folder, { recursive: true });
console.log(
  "| net | weights/activations | merge_success_rate | largest difference | accuracy before | after | ms before | after |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const arch of ["nin", "nin_gc"])
  for (const [mix, command] of Object.entries(MIXES)) {
    const { mergeSuccessRate, largestDifference, before, after } = rowOf(arch, mix, command);
    const cells = [
      arch,
      mix,
      `${mergeSuccessRate} %`,
      largestDifference.toExponential(1),
      `${before.test.accuracy.toFixed(2)} %`,
      `${after.test.accuracy.toFixed(2)} %`,
      before.milliseconds.toFixed(0),
      after.milliseconds.toFixed(0),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
