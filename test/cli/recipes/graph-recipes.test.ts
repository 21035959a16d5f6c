import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { qprune } from "../run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-graph-recipe-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const project = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(project, "bin", "qprune.js");

const SHORT = {
  "train-limit": 120,
  "test-limit": 40,
  epochs: 2,
  num_workers: 0,
  "save-every": 1,
  "log-every": 1,
};
const SETS = Object.entries(SHORT).flatMap(([key, value]) => ["--set", `${key}=${value}`]);

const DESCRIBED = `
defaults: {dataset: digits, lr-drops: none, train-batch-size: 30}
stages:
  float: {kind: train, arch: ${join(project, "examples", "nets", "residual.json")}, lr: 0.002}
  quantized: {kind: quantize, refine: float, W: 3, A: 2, gap: true, lr: 0.002}
  merged: {kind: merge, model: quantized}
  packed: {kind: export, file: merged, format: packed}
  tfjs: {kind: export, file: merged, format: tfjs}
  compared: {kind: compare, files: [float, quantized, merged, packed]}
`;

const STAGES = ["float", "quantized", "merged", "packed", "tfjs", "compared"];

const recipes: [string, string, string[]][] = [
  ["residual-digits", "residual-digits", ["float.width=0.25", "train-batch-size=30"]],
  ["a described graph", at("described.yml"), []],
];
beforeAll(() => writeFileSync(at("described.yml"), DESCRIBED));

/** Digests of every net in a folder, by name; training states name their run and are left out. */
const netsIn = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path)
      .filter((file) => file.endsWith(".safetensors") && !file.includes(".state."))
      .sort()
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(path, file)))
          .digest("hex"),
      ]),
  );

/** Starts a run as a process and kills it once its progress contains a text. */
const killAt = (argv: readonly string[], text: string): Promise<void> => {
  const child = spawn(process.execPath, [bin, ...argv], { stdio: ["ignore", "ignore", "pipe"] });
  let shown = "";
  return new Promise((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
      if (shown.includes(text)) child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
};

describe.each(recipes)("the recipe of %s", (name, recipe, changes) => {
  const sets = [...SETS, ...changes.flatMap((change) => ["--set", change])];
  const argvIn = (place: string) => ["run", recipe, ...sets, "--folder", at(`${name} ${place}`)];

  test("runs every stage, and again none", async () => {
    const whole = await qprune([...argvIn("whole"), "--json"]);
    expect(whole.stderr).not.toContain("error:");
    expect(whole.code).toBe(0);
    const rows = whole.events.at(-1)?.stages as Record<string, unknown>[];
    expect(rows.map((row) => row.name)).toEqual(STAGES);
    for (const row of rows) expect(existsSync(String(row.file)), String(row.name)).toBe(true);
    const bytes = Object.fromEntries(rows.map((row) => [row.name, Number(row.packedBytes)]));
    expect(bytes.packed).toBeLessThan((bytes.float ?? 0) / 3);
    const { nets } = JSON.parse(readFileSync(join(at(`${name} whole`), "compared.json"), "utf8"));
    expect(nets).toHaveLength(4);
    const again = await qprune([...argvIn("whole"), "--json"]);
    const kept = again.events.at(-1)?.stages as Record<string, unknown>[];
    expect(kept.map((row) => row.kept)).toEqual(STAGES.map(() => true));
  });

  test("gives the same nets after it was killed in two trainings and resumed", async () => {
    await killAt(argvIn("killed"), "[1/6] float");
    await killAt(argvIn("killed"), "[2/6] quantized");
    const last = await qprune([...argvIn("killed"), "--json"]);
    expect(last.code).toBe(0);
    expect(netsIn(at(`${name} killed`))).toEqual(netsIn(at(`${name} whole`)));
  });
});

test("a stage prunes the channels of a graph", async () => {
  const text = [
    "defaults: {dataset: digits, train-limit: 60, test-limit: 20, epochs: 1, num_workers: 0}",
    "stages:",
    "  sparse: {kind: sparse, arch: resnet20, width: 0.25, s: 0.001}",
    "  pruned: {kind: prune, model: sparse, percent: 0.4}",
  ];
  writeFileSync(at("prunes.yml"), text.join("\n"));
  const run = await qprune(["run", at("prunes.yml"), "--folder", at("prunes")]);
  expect(run.code).toBe(0);
  const [sparse, pruned] = ["sparse", "pruned"].map((name) =>
    statSync(join(at("prunes"), `${name}.safetensors`)),
  );
  expect(pruned?.size).toBeLessThan(sparse?.size as number);
});
