import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureSensitivity, pruneModel, trainModel, type WorkflowEvent } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-library-pruning-"));
const at = (name: string): string => join(folder, name);
const model = at("net.safetensors");

beforeAll(async () => {
  await trainModel({
    dataset: "digits",
    trainLimit: 200,
    testLimit: 20,
    arch: "resnet20",
    width: 0.25,
    epochs: 1,
    sparsityRegularization: true,
    groupLasso: true,
    save: model,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("programs rank by the loss, measure sensitivities and prune by them, with the options of the commands", async () => {
  const events: string[] = [];
  const onEvent = ({ kind }: WorkflowEvent) => events.push(kind);
  const { sensitivity, saved } = await measureSensitivity(
    {
      file: model,
      shares: [0.5],
      roundBits: [],
      images: 20,
      trainLimit: 200,
      save: at("curves.json"),
    },
    { onEvent },
  );
  expect(saved).toBe(at("curves.json"));
  expect(sensitivity.channels).toHaveLength(12);
  expect(sensitivity.bits).toEqual([]);
  const result = await pruneModel(
    {
      model,
      importance: "taylor",
      calibrationBatches: 1,
      trainLimit: 200,
      sensitivity: at("curves.json"),
      targetMacs: 0.7,
      test: false,
      save: at("small.safetensors"),
    },
    { onEvent },
  );
  expect(result.after.macs / result.before.macs).toBeLessThanOrEqual(0.7);
  expect(events).toContain("sensitivity-progress");
  expect(events).toContain("calibrating");
});

test("programs prune to a measured time", async () => {
  const { latency } = await pruneModel({
    model,
    targetLatency: "0.95x",
    latencyBatch: 16,
    dryRun: true,
  });
  expect(latency?.batch).toBe(16);
  expect(latency?.beforeMs).toBeGreaterThan(0);
});
