import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-rate-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--train-limit", "230", "--test-limit", "100"];
const SMALL = [...DATA, "--arch", "nin", "--width", "0.125", "--num_workers", "0"];
const TRAIN = ["prune", ...SMALL, "--schedule", "cosine"];
const AUTO = [...TRAIN, "--lr", "auto", "--save", at("auto.safetensors")];

const lossesOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events
    .filter(({ event }) => event === "epoch")
    .map(({ trainLoss, testLoss }) => [trainLoss, testLoss]);

describe("--lr auto", () => {
  test("chooses a rate, and trains as if it had been given", async () => {
    const auto = await qprune([...AUTO, "--epochs", "2", "--json"]);
    expect(auto.code).toBe(0);
    const found = auto.events.find(({ event }) => event === "learning-rate");
    const points = found?.points as { learningRate: number; loss: number }[];
    const rate = found?.learningRate as number;
    expect(points.length).toBeGreaterThan(50);
    const least = points.reduce((best, point) => (point.loss < best.loss ? point : best));
    expect(rate).toBe(Number((least.learningRate / 10).toPrecision(2)));
    const given = [...TRAIN, "--lr", String(rate), "--save", at("given.safetensors")];
    expect(lossesOf(auto)).toEqual(lossesOf(await qprune([...given, "--epochs", "2", "--json"])));
  });

  test("keeps the rate of a run that it resumes", async () => {
    const rest = await qprune([...AUTO, "--max-steps", "3", "--json"]);
    expect(rest.code).toBe(0);
    const resumed = await qprune([...AUTO, "--resume", "auto", "--max-steps", "5", "--json"]);
    expect(resumed.code).toBe(0);
    expect(resumed.events.some(({ event }) => event === "learning-rate")).toBe(false);
  });

  test("draws a chart", async () => {
    const run = await qprune([...AUTO, "--max-steps", "1"]);
    expect(run.stderr).toContain("Loss over the learning rate:");
    expect(run.stderr).toMatch(/↑ [\d.e-]+\nLearning rate: [\d.e-]+, a tenth of/);
  });
});
