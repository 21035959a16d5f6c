import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/architecture-map.js", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qprune-map-"));
  mkdirSync(join(folder, "docs"));
  mkdirSync(join(folder, "src/cli"), { recursive: true });
  const rules = [
    { name: "base-imports", to: { pathNot: "^src/(base)/" } },
    { name: "models-imports", to: { pathNot: "^src/(models|base)/" } },
    { name: "train-imports", to: { pathNot: "^src/(train|base|models)/" } },
    { name: "no-cycles", to: { circular: true } },
  ];
  writeFileSync(
    join(folder, ".dependency-cruiser.cjs"),
    `module.exports = ${JSON.stringify({ forbidden: rules })};`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const page = (...folders: string[]): string =>
  [
    "<!-- picture: written by a script -->",
    "```text",
    "```",
    "| folder | what it contains | may import |",
    ...folders.map((name) => `| \`src/${name}/\` | things | old |`),
    "",
  ].join("\n");

const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });

test("docs/architecture.md shows the import rules as they are", () => {
  const { status, stderr } = run("--check");
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("the picture has a folder above all that it may import, and the table lists them", () => {
  const file = join(folder, "docs/architecture.md");
  writeFileSync(file, page("base", "models", "train", "cli"));
  expect(run("--check", folder).status).toBe(1);
  expect(run(folder).status).toBe(0);
  const written = readFileSync(file, "utf8");
  expect(written.match(/^ *[a-z]+$/gm)?.map((line) => line.trim())).toEqual([
    "cli",
    "train",
    "models",
    "base",
  ]);
  expect(written).toContain("| `src/base/` | things | nothing of src |");
  expect(written).toContain("| `src/train/` | things | base, models |");
  expect(run("--check", folder).status).toBe(0);
});

test("a folder that the table lacks is named", () => {
  writeFileSync(join(folder, "docs/architecture.md"), page("base", "models", "cli"));
  const { status, stderr } = run(folder);
  expect(status).toBe(1);
  expect(stderr).toContain("the table lacks `src/train/`");
});
