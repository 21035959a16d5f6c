import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeEngine } from "../../../../src/engine/setup/cache/remove-engine.js";
import { temporaryMachine } from "../temporary-machine.js";

test("removing the engine deletes all its versions and nothing else, and counts the bytes", async () => {
  const { machine, cache } = temporaryMachine();
  const root = join(cache, "qprune");
  for (const name of [
    "engine-linux-x64-tf1",
    "engine-linux-x64-tfjs4-abc",
    ".partial-1-a",
    "own",
  ]) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "file"), "12345");
  }
  await expect(removeEngine(machine)).resolves.toBe(15);
  expect(readdirSync(root)).toEqual(["own"]);
});

test("an emptied cache folder goes too", async () => {
  const { machine, cache } = temporaryMachine();
  mkdirSync(join(cache, "qprune", "engine-x"), { recursive: true });
  await removeEngine(machine);
  expect(readdirSync(cache)).toEqual([]);
});

test("removing an engine that was never set up creates no folder", async () => {
  const { machine, cache } = temporaryMachine();
  await expect(removeEngine(machine)).resolves.toBe(0);
  expect(existsSync(cache)).toBe(false);
});
