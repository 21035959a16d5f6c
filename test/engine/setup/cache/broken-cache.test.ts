import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadEngine } from "../../../../src/engine/load-engine.js";
import { cachePaths } from "../../../../src/engine/setup/cache/cache-folder.js";
import {
  areLibrariesIntact,
  sealLibraries,
} from "../../../../src/engine/setup/cache/libraries-folder.js";
import { thisMachine } from "../../../../src/engine/setup/machine.js";
import { setUpEngine } from "../../../../src/engine/setup/set-up-engine.js";
import { WHEELS, type Wheel } from "../../../../src/engine/setup/wheel/wheels.js";
import { tf } from "../../../../src/tensor/tf.js";
import {
  linkFolder,
  recordingReporter,
  temporaryFolder,
  temporaryMachine,
  withRealPath,
} from "../temporary-machine.js";

const wheel = WHEELS["linux-x64"] as Wheel;

test("libraries that were cut are noticed before they are loaded", async () => {
  const folder = temporaryFolder();
  for (const name of wheel.libraries) writeFileSync(join(folder, name), "library");
  await sealLibraries(folder, wheel);
  expect(areLibrariesIntact(folder, wheel)).toBe(true);
  truncateSync(join(folder, wheel.libraries[0]), 3);
  expect(areLibrariesIntact(folder, wheel)).toBe(false);
});

test("a binding that does not load is compiled again once, and then loads", async () => {
  const real = await setUpEngine({ machine: thisMachine(), reporter: recordingReporter() });
  const machine = withRealPath(temporaryMachine());
  const paths = cachePaths(machine);
  linkFolder(real.paths.libraries, paths.libraries);
  mkdirSync(dirname(paths.bindingFile), { recursive: true });
  writeFileSync(paths.bindingFile, "no library");
  const lines: string[] = [];
  const notify = (line: string): void => void lines.push(line);
  const info = await loadEngine({ engine: "native", machine, notify });
  expect(info.kind).toBe("native");
  expect(lines).toEqual([
    "The engine in the cache does not load; compiling it again",
    expect.stringContaining("Compiling the engine with"),
  ]);
  expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
}, 600_000);
