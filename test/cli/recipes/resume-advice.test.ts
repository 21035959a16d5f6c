import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { qprune } from "../run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-way-on-"));
const at = (name: string): string => join(folder, name);
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = "dataset: digits, train-limit: 100, test-limit: 50, num_workers: 0, epochs: 2";

/** A call of the recipe, and its words behind `qprune`. */
const called = (name: string, ...stages: string[]) => {
  const lines = stages.map((stage) => `  ${stage}\n`).join("");
  writeFileSync(at(`${name}.yml`), `defaults: {${SMALL}}\nstages:\n${lines}`);
  const argv = ["run", at(`${name}.yml`), "--set", "lr=0.01", "--folder", at(name)];
  return { argv, wayOn: `resume with: qprune ${argv.join(" ")}\n` };
};

const TRAIN = "a: {kind: train, arch: nin, width: 0.125}";

test("a training that fails in a recipe tells one way on: that of the recipe", async () => {
  const { argv, wayOn } = called("training", TRAIN);
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
  expect(stderr).toContain(`hint: Choose another file name. Then ${wayOn}`);
  expect(stderr.match(/resume with/gi)).toHaveLength(1);
  expect(code).toBe(1);
});

test("so does any other stage", async () => {
  const damaged = at("damaged.safetensors");
  const { argv: first } = called("whole", TRAIN);
  await qprune([...first, "--set", "a.epochs=1"]);
  cpSync(join(at("whole"), "a.safetensors"), damaged);
  const { argv, wayOn } = called("other", TRAIN, `c: {kind: compare, files: [a, ${damaged}]}`);
  const onOutput = (text: string): void => {
    // It was whole when the recipe was checked.
    if (text.includes("Best Accuracy")) writeFileSync(damaged, "damaged");
  };
  const call = [...argv, "--set", "a.epochs=1"];
  const { code, stderr } = await qprune(call, new AbortController().signal, onOutput);
  expect(stderr).toMatch(/other\.yml:4:3: c: .*damaged\.safetensors/);
  expect(stderr).toContain(wayOn.replace("\n", " --set a.epochs=1\n"));
  expect(code).toBe(1);
});

test("a stage that was told something wrong is not gone on with as it is", async () => {
  const { argv } = called("usage", TRAIN, "b: {kind: prune, model: a, layers: 3}");
  const { code, stderr } = await qprune(argv);
  expect(stderr).toMatch(/usage\.yml:4:3: b: .*layers/);
  expect(stderr).not.toMatch(/resume with/i);
  expect(code).toBe(2);
});
