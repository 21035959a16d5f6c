// Counts phrases that docs/style.md rules out, and fails where a folder has more of them than
// scripts/language-ceilings.json allows, or so much fewer that its ceiling can come down.
//
// node scripts/check-language.js [--record | --list] [ROOT]
//   --record  writes today's counts as ceilings; refuses if they allow more phrases in all
//   --list    prints every phrase that is left, and fails for none
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareWithCeilings, countByFolder, foundIn } from "./lib/language/ceilings.js";
import { findPhrases } from "./lib/language/find-phrases.js";
import { root as project } from "./lib/run.js";

const COMMAND = "node scripts/check-language.js";
/** More lines than this help nobody; --list prints all. */
const LINES_SHOWN = 40;

const args = process.argv.slice(2);
const root = args.find((arg) => !arg.startsWith("--")) ?? project;
const ceilingsFile = join(root, "scripts/language-ceilings.json");
const ceilings = JSON.parse(readFileSync(ceilingsFile, "utf8"));
const found = findPhrases(root);
const counts = countByFolder(found, ceilings);

const sum = (numbers) => Object.values(numbers).reduce((total, number) => total + number, 0);
const asLine = ({ path, line, found, instead }) => `${path}:${line}: "${found}": ${instead}`;
const printLines = (phrases, most) => {
  for (const each of phrases.slice(0, most)) console.error(asLine(each));
  if (phrases.length > most)
    console.error(`… and ${phrases.length - most} more: ${COMMAND} --list`);
};

const record = () => {
  if (sum(counts) > sum(ceilings)) {
    console.error(
      `${sum(counts)} phrases are left, ${sum(ceilings)} are allowed: reword the new ones first.`,
    );
    return 1;
  }
  writeFileSync(ceilingsFile, `${JSON.stringify(counts, null, 2)}\n`);
  return 0;
};

const check = () => {
  const { above, loose } = compareWithCeilings(counts, ceilings);
  for (const { folder, count, ceiling } of above) {
    printLines(foundIn(folder, found, ceilings), LINES_SHOWN);
    console.error(
      `${folder}: ${count} phrases that docs/style.md rules out, ${ceiling} allowed. Reword the new ones.\n`,
    );
  }
  for (const { folder, count, ceiling } of loose) {
    console.error(
      `${folder}: ${count} phrases are left, ${ceiling} allowed. Lower the ceiling: ${COMMAND} --record`,
    );
  }
  return above.length + loose.length === 0 ? 0 : 1;
};

const list = () => {
  for (const each of found) console.log(asLine(each));
  return 0;
};

const run = args.includes("--record") ? record : args.includes("--list") ? list : check;
process.exitCode = run();
