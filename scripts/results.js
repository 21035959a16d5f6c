// npm run results -- --data DIR: tests every net in data/models on the CIFAR-10 test images in DIR, and compares the accuracies
// with those of docs/results.md. With --record it writes them there.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureBuilt } from "./lib/build.js";
import { differences, readRows, withRows } from "./lib/results-table.js";
import { Failure, root, runMain, runQuietly } from "./lib/run.js";
import { say } from "./lib/say.js";

const FOLDER = "data/models";
const PAGE = join(root, "docs/results.md");
const ENDING = ".safetensors";

/** The accuracy of a file in percent, on all test images. */
const accuracyOf = async (file, data) => {
  const argv = ["wqaq", "--evaluate", "--resume", file, "--data", data, "--json"];
  const program = join(root, "bin/qprune.js");
  const { code, output } = await runQuietly(process.execPath, [program, ...argv], root);
  if (code !== 0) throw new Failure(`qprune ${argv.join(" ")} failed (${code}):\n${output}`);
  return Number(/"testAccuracy":([\d.]+)/.exec(output)[1]);
};

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: "data" },
      record: { type: "boolean", default: false },
    },
  });
  const files = readdirSync(join(root, FOLDER)).filter((file) => file.endsWith(ENDING));
  if (files.length === 0) {
    process.stdout.write(`${FOLDER} contains no nets yet.\n`);
    return 0;
  }
  await ensureBuilt();
  const nets = [];
  for (const file of files.sort()) {
    say(file);
    const path = join(root, FOLDER, file);
    const accuracy = await accuracyOf(path, values.data);
    nets.push({ name: file.slice(0, -ENDING.length), accuracy, bytes: statSync(path).size });
    process.stdout.write(`${accuracy.toFixed(2)}%\n`);
  }
  const page = readFileSync(PAGE, "utf8");
  if (values.record) {
    writeFileSync(PAGE, withRows(page, nets));
    return 0;
  }
  const problems = differences(readRows(page), nets);
  process.stdout.write(
    problems.length === 0
      ? "docs/results.md has the same accuracies.\n"
      : `${problems.join("\n")}\n`,
  );
  return problems.length === 0 ? 0 : 1;
});
