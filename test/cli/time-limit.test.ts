import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { trainModel } from "../../src/library/workflows.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-time-limit-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const SMALL = ["--dataset", "digits", "--train-limit", "500", "--test-limit", "100"];
const NET = ["--arch", "nin", "--width", "0.25", "--num_workers", "0"];

test("--time-limit saves the state and ends like an interruption; the run resumes", async () => {
  const train = ["prune", ...SMALL, ...NET, "--save", at("net.safetensors")];
  const run = await qprune([...train, "--epochs", "1000", "--time-limit", "3s"]);
  expect(run.code).toBe(130);
  expect(run.stderr).toContain("The time limit is reached.");
  expect(run.stderr).toContain(`Resume with: qprune prune --resume ${at("net.state.safetensors")}`);
  expect(run.stderr).not.toContain("error:");
  const more = ["prune", "--resume", at("net.state.safetensors"), "--time-limit", "1s", "--json"];
  const again = await qprune(more);
  expect(again.code).toBe(130);
  expect(again.stderr).not.toContain("Changed");
});

test("a run that ends before its limit ends normally", async () => {
  const train = ["prune", ...SMALL, ...NET, "--save", at("short.safetensors"), "--max-steps", "2"];
  expect(await qprune([...train, "--time-limit", "1h"])).toMatchObject({ code: 0 });
});

test("a program learns from the result that the run was interrupted", async () => {
  const result = await trainModel({
    ...{ dataset: "digits", trainLimit: 500, testLimit: 100, arch: "nin", width: 0.25 },
    ...{ numWorkers: 0, epochs: 1000, timeLimit: 1, save: at("program.safetensors") },
  });
  expect(result).toEqual({ kind: "interrupted", file: at("program.safetensors") });
});

test("qprune run --time-limit stops within a stage, and running the recipe again resumes it", async () => {
  writeFileSync(
    at("recipe.yml"),
    `defaults: {dataset: digits, train-limit: 500, test-limit: 100, arch: nin, width: 0.25, num-workers: 0}
stages:
  first: {kind: train, epochs: 1}
  second: {kind: train, epochs: 1000, lr: 0.001}
`,
  );
  const call = ["run", at("recipe.yml"), "--folder", at("out"), "--time-limit"];
  const run = await qprune([...call, "8s"]);
  expect(run.code).toBe(130);
  expect(run.stderr).toContain("Stopped in second. Resume with: qprune run");
  expect(existsSync(at("out/first.safetensors"))).toBe(true);
  const again = await qprune([...call, "2s"]);
  expect(again.code).toBe(130);
  expect(again.stderr).toContain("first is kept");
  expect(again.stderr).toContain("Resuming");
});

test("a stage has no time limit of its own, and the limit must be a duration", async () => {
  writeFileSync(at("own.yml"), "stages:\n  a: {kind: train, dataset: digits, time-limit: 5m}\n");
  const own = await qprune(["run", at("own.yml"), "--folder", at("own")]);
  expect(own.code).toBe(2);
  expect(own.stderr).toContain("train stages have no option time-limit");
  const refused = await qprune(["prune", ...SMALL, "--time-limit", "170"]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("expected a duration");
});
