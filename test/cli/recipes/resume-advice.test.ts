import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { qprune } from "../run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-resume-advice-"));
const at = (name: string): string => join(folder, name);
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = "dataset: digits, train-limit: 100, test-limit: 50, num_workers: 0, epochs: 2";

/** A command that runs the recipe, without the leading `qprune`. */
const called = (name: string, ...stages: string[]) => {
  const lines = stages.map((stage) => `  ${stage}\n`).join("");
  writeFileSync(at(`${name}.yml`), `defaults: {${SMALL}}\nstages:\n${lines}`);
  const argv = ["run", at(`${name}.yml`), "--set", "lr=0.01", "--folder", at(name)];
  return { argv, advice: `resume with: qprune ${argv.join(" ")}\n` };
};

const TRAIN = "a: {kind: train, arch: nin, width: 0.125}";

test("the error of failed training in a recipe advises only how to resume the recipe", async () => {
  const { argv, advice } = called("training", TRAIN);
  const state = join(at("training"), "a.state.safetensors");
  let epochs = 0;
  const onOutput = (text: string): void => {
    epochs += text.includes("Best Accuracy") ? 1 : 0;
    if (epochs !== 2) return;
    // The state of the second epoch cannot be written.
    rmSync(state, { recursive: true });
    mkdirSync(state);
    epochs++;
  };
  const { code, stderr } = await qprune(argv, new AbortController().signal, onOutput);
  expect(stderr).toMatch(/training\.yml:3:3: a: Cannot write .*a folder of that name exists/);
  expect(stderr).toContain(`hint: Choose another file name. Then ${advice}`);
  expect(stderr.match(/resume with/gi)).toHaveLength(1);
  expect(code).toBe(1);
});

test("the error of any other failed stage gives the same advice", async () => {
  const damaged = at("damaged.safetensors");
  const { argv: first } = called("whole", TRAIN);
  await qprune([...first, "--set", "a.epochs=1"]);
  cpSync(join(at("whole"), "a.safetensors"), damaged);
  const { argv, advice } = called("other", TRAIN, `c: {kind: compare, files: [a, ${damaged}]}`);
  const onOutput = (text: string): void => {
    // It was whole when the recipe was checked.
    if (text.includes("Best Accuracy")) writeFileSync(damaged, "damaged");
  };
  const call = [...argv, "--set", "a.epochs=1"];
  const { code, stderr } = await qprune(call, new AbortController().signal, onOutput);
  expect(stderr).toMatch(/other\.yml:4:3: c: .*damaged\.safetensors/);
  expect(stderr).toContain(advice.replace("\n", " --set a.epochs=1\n"));
  expect(code).toBe(1);
});

test("a usage error of a stage does not suggest resuming", async () => {
  const { argv } = called("usage", TRAIN, "b: {kind: prune, model: a, layers: 3}");
  const { code, stderr } = await qprune(argv);
  expect(stderr).toMatch(/usage\.yml:4:3: b: .*layers/);
  expect(stderr).not.toMatch(/resume with/i);
  expect(code).toBe(2);
});
