import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { type CliRun, qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-log-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--train-limit", "130", "--test-limit", "100"];
const SMALL = [...DATA, "--arch", "nin", "--width", "0.125", "--json", "--num_workers", "0"];

/** What depends on the machine and on the file's name. */
const MEASURED = new Set([
  "seconds",
  "imagesPerSecond",
  "inputImagesPerSecond",
  "trainImagesPerSecond",
  "waitingShare",
  "peakMemoryMb",
  "file",
]);

const reported = ({ events }: CliRun) =>
  events.map((event) =>
    Object.fromEntries(Object.entries(event).filter(([key]) => !MEASURED.has(key))),
  );

/** All that was written to a folder's event files. */
const eventsIn = (name: string): string =>
  readdirSync(at(name))
    .map((file) => readFileSync(join(at(name), file), "latin1"))
    .join("");

/** How often a tag appears in event files, which contain strings as plain text. */
const times = (events: string, tag: string): number => events.split(tag).length - 1;

test.each([
  ["wqaq", ["--Wbits", "2", "--Abits", "2"], "dorefa"],
  ["wbwtab", ["--W", "3", "--A", "2", "--gap"], "tnn_bin"],
  ["prune", [], undefined],
])("a %s that is logged is the same run to the bit", async (command, flags, sequence) => {
  const argv = [command, ...flags, ...SMALL, "--epochs", "2", "--log-every", "1"];
  const plain = await qprune([...argv, "--save", at(`${command}.safetensors`)]);
  const log = ["--log-dir", at(`logs/${command}`)];
  const logged = await qprune([...argv, "--save", at(`${command}-log.safetensors`), ...log]);
  expect(logged.code).toBe(0);
  expect(reported(logged)).toEqual(reported(plain));
  const [model, same] = [`${command}.safetensors`, `${command}-log.safetensors`].map((name) =>
    readFileSync(at(name)),
  );
  expect(same).toEqual(model);
  const events = eventsIn(`logs/${command}`);
  for (const tag of ["loss/train", "loss/test", "accuracy/train", "accuracy/test", "learning_rate"])
    expect(times(events, tag), tag).toBe(2);
  expect(times(events, "loss/step")).toBe(2 * 3);
  const quantized = sequence === undefined ? 0 : 2;
  expect(times(events, `weight_codes/${sequence}.2.conv`)).toBe(quantized);
  expect(times(events, `clipped_activations/${sequence}.2.bn`)).toBe(quantized);
});

test("a resumed run is logged to the same folder", async () => {
  const save = ["--save", at("on.safetensors")];
  await qprune(["wqaq", ...SMALL, ...save, "--epochs", "1", "--log-dir", at("on")]);
  const run = await qprune(["wqaq", ...SMALL, ...save, "--epochs", "2", "--resume", "auto"]);
  expect(run.code).toBe(0);
  expect(times(eventsIn("on"), "loss/test")).toBe(2);
});

test.each([
  ["a folder that cannot be made", () => ["--log-dir", join(at("file"), "logs")], /cannot be used/],
  ["the JavaScript engine", () => ["--log-dir", at("js"), "--engine", "js"], /native engine/],
])("logging is refused before the first step: %s", async (_, flags, message) => {
  writeFileSync(at("file"), "");
  const argv = ["wqaq", ...SMALL, "--epochs", "1", "--save", at("refused.safetensors")];
  const run = await qprune([...argv, ...flags()]);
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(message);
  expect(run.stderr).toContain("hint:");
  expect(run.stdout).toBe("");
  await loadEngine({ engine: "native", notify: () => {} });
});
