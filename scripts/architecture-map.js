// Draws the folders of src by the import rules (.dependency-cruiser.cjs) and writes the picture, and the column
// "may import" of the table of folders, into docs/architecture.md:
// node scripts/architecture-map.js [--check] [ROOT]
//   --check  writes nothing; fails if the page is not current or a folder is missing from its table
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { importLevels, readAllowedImports } from "./lib/import-levels.js";
import { root as project } from "./lib/run.js";

const PICTURE = /(<!-- picture: [^\n]*-->\n```text\n)[\s\S]*?(```\n)/;
const ROW = /^(\| `src\/([\w-]+)\/` \|.*\|)[^|]*\|$/gm;
/** From this many folders on, a list is no help. */
const MANY = 10;

const args = process.argv.slice(2);
const isCheck = args.includes("--check");
const root = resolve(args.find((arg) => !arg.startsWith("--")) ?? project);
const allowed = readAllowedImports(
  createRequire(import.meta.url)(join(root, ".dependency-cruiser.cjs")),
);

/** Folders without a rule may import everything. */
const foldersOfSource = () =>
  readdirSync(join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const top = existsSync(join(root, "src"))
  ? foldersOfSource().filter((name) => !allowed.has(name))
  : [];

const rows = [...importLevels(allowed), top.sort()].reverse();
const width = Math.max(...rows.map((row) => row.join("   ").length));
const centered = (row) => {
  const line = row.join("   ");
  return `${" ".repeat(Math.floor((width - line.length) / 2))}${line}`;
};
const picture = `${rows.map(centered).join("\n")}\n`;

const importsOf = (folder) => {
  const names = allowed.get(folder);
  if (!names) return "all";
  if (names.length === 0) return "nothing of src";
  return names.length >= MANY ? "all below" : names.join(", ");
};

const file = join(root, "docs/architecture.md");
const page = readFileSync(file, "utf8");
const described = new Set([...page.matchAll(ROW)].map(([, , folder]) => folder));
const missing = [...allowed.keys(), ...top].filter((folder) => !described.has(folder));
const current = page
  .replace(PICTURE, (_, start, end) => start + picture + end)
  .replace(ROW, (_, start, folder) => `${start} ${importsOf(folder)} |`);

for (const folder of missing)
  console.error(`docs/architecture.md: the table lacks \`src/${folder}/\``);
if (isCheck && current !== page) {
  console.error("docs/architecture.md is not current; run node scripts/architecture-map.js");
}
if (!isCheck) writeFileSync(file, current);
process.exitCode = missing.length > 0 || (isCheck && current !== page) ? 1 : 0;
