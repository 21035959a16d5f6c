import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-install-"));

/** This test's own npm calls must not inherit the settings of an npm that runs the tests. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
);

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const installed = join(folder, "user");

beforeAll(() => {
  run("npm", ["pack", "--silent", "--pack-destination", folder], project);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "none";
  mkdirSync(installed);
  writeFileSync(join(installed, "package.json"), '{"private":true}\n');
  // As a user's npm does it: the install scripts of dependencies run, and tfjs-node's may fail.
  const flags = ["--ignore-scripts=false", "--no-audit", "--no-fund", "--prefer-offline"];
  run("npm", ["install", ...flags, join(folder, tarball)], installed);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the packed package installs with scripts on and shows its help", () => {
  const help = run("npx", ["--no-install", "qprune", "--help"], installed);
  expect(help).toContain("Usage: qprune");
  expect(help).toContain("wqaq");
});

test("the packed package carries what the engine and the first run need, and the examples", () => {
  const own = join(installed, "node_modules", "qprune");
  const needed = [
    "src/engine/native/kernels/norm/batch-norm.cc",
    "src/engine/native/kernels/threads/parallel.h",
    "src/engine/native/tensorflow/op-kit.cc",
    "src/engine/native/tensorflow/op-kit.h",
    "data/digits",
    "docs/custom-architectures.md",
    "docs/packed-format.md",
    "docs/summary.md",
    "docs/export-tfjs.md",
    "docs/own-images.md",
    "examples/web/index.html",
    "docs/recipes.md",
    "examples/nets/vgg.json",
    "examples/recipes/quick-digits.yml",
    "examples/nin-sparse-prune-refine-wqaq.sh",
    "examples/read_packed.py",
  ];
  for (const path of needed) expect(existsSync(join(own, path)), path).toBe(true);
});

test("the installed package finds its set-up without tfjs-node's own binding", () => {
  const text = run("npx", ["--no-install", "qprune", "setup", "--help"], installed);
  expect(text).toContain("--wheel <file>");
});
