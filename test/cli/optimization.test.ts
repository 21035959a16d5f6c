import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { optimizationOptions } from "../../src/options/groups/optimization-options.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-optimization-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--train-limit", "230", "--test-limit", "100"];
const SMALL = [...DATA, "--arch", "nin", "--width", "0.125", "--json", "--num_workers", "0"];

const epochs = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events.filter(({ event }) => event === "epoch");

const lossesOf = (run: Awaited<ReturnType<typeof qprune>>) =>
  epochs(run).map(({ trainLoss, testLoss }) => [trainLoss, testLoss]);

test.each([
  ["--optimizer", "adamw"],
  ["--optimizer", "sgd"],
  ["--schedule", "cosine"],
  ["--schedule", "one-cycle"],
  ["--warmup", "1"],
  ["--label-smoothing", "0.2"],
  ["--grad-clip", "0.01"],
  ["--accumulate", "2"],
  ["--ema", "0.5"],
  ["--rand-augment", "1,5"],
  ["--cutout", "6"],
  ["--random-erasing", "1"],
  ["--mixup", "0.5"],
])("%s %s changes the result", async (...flag) => {
  const run = (flags: readonly string[], name: string) =>
    qprune(["prune", ...SMALL, "--wd", "0.1", "--epochs", "2", ...flags, "--save", at(name)]);
  const [changed, plain] = [
    await run(flag, "changed.safetensors"),
    await run([], "plain.safetensors"),
  ];
  expect(changed.code).toBe(0);
  expect(lossesOf(changed)).not.toEqual(lossesOf(plain));
});

test("with averages, the saved net is the one that was tested, and training takes the same steps", async () => {
  const train = ["wbwtab", "--W", "2", "--A", "2", ...SMALL, "--epochs", "2"];
  const averaged = await qprune([...train, "--ema", "0.9", "--save", at("ema.safetensors")]);
  const plain = await qprune([...train, "--save", at("no-ema.safetensors")]);
  const trainLosses = (run: typeof plain) => epochs(run).map(({ trainLoss }) => trainLoss);
  expect(trainLosses(averaged)).toEqual(trainLosses(plain));
  const tested = await qprune([
    ...["wbwtab", "--evaluate", "--resume", at("ema.safetensors"), ...DATA, "--json"],
  ]);
  const best = Math.max(...epochs(averaged).map(({ testAccuracy }) => Number(testAccuracy)));
  expect(tested.events.at(-1)).toMatchObject({ event: "evaluation", testAccuracy: best });
});

test("a training state of an older version resumes, with the options of this one at their defaults", async () => {
  const state = at("old.state.safetensors");
  const train = ["wqaq", ...SMALL, "--seed", "3"];
  await qprune([...train, "--epochs", "1", "--save", at("old.safetensors")]);
  const bytes = readFileSync(state);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  expect(header.__metadata__).not.toHaveProperty("optimizer");
  const record = JSON.parse(header.__metadata__.record);
  for (const key of Object.keys(optimizationOptions)) delete record.options[key];
  header.__metadata__.record = JSON.stringify(record);
  // Padded, so that the tensors stay where they are aligned.
  const text = JSON.stringify(header).padEnd(length, " ");
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(state, Buffer.concat([size, Buffer.from(text), bytes.subarray(8 + length)]));
  const resumed = await qprune(["wqaq", "--resume", state, "--epochs", "2", "--json"]);
  expect(resumed.code).toBe(0);
  const whole = await qprune([...train, "--epochs", "2", "--save", at("whole.safetensors")]);
  expect(lossesOf(resumed)).toEqual(lossesOf(whole).slice(1));
});

test("a longer cosine does not resume exactly; --override allows it", async () => {
  const save = ["--save", at("cosine.safetensors")];
  await qprune(["prune", ...SMALL, ...save, "--schedule", "cosine", "--epochs", "1"]);
  const more = ["prune", "--resume", at("cosine.state.safetensors"), "--epochs", "2", "--json"];
  const refused = await qprune(more);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("would not resume exactly: --epochs 2 (the run has 1)");
  expect(await qprune([...more, "--override"])).toMatchObject({ code: 0 });
});

test("another optimizer starts from scratch if --override allows it", async () => {
  const save = ["--save", at("other.safetensors")];
  await qprune(["prune", ...SMALL, ...save, "--epochs", "1"]);
  const more = ["prune", "--resume", at("other.state.safetensors"), "--epochs", "2", "--json"];
  const run = await qprune([...more, "--optimizer", "sgd", "--override"]);
  expect(run.code).toBe(0);
  expect(run.stderr).toContain("Changed: --optimizer sgd (the run has adam)");
});

describe("refuses", () => {
  test.each([
    [["--momentum", "0.8"], "--momentum is an option of SGD, but --optimizer is adam."],
    [
      ["--schedule", "cosine", "--lr-drops", "2"],
      "--lr-drops sets the drops of the schedule steps, but --schedule is cosine.",
    ],
    [["--warmup", "3", "--epochs", "3"], "--warmup is 3, but the run has 3 epochs."],
    [["--ema", "1"], "expected a fraction of at least 0 and below 1"],
    [["--wd-skip", "norms,bias"], "expected norms, biases, latent, separated by commas"],
    [["--optimizer", "lamb"], "--optimizer"],
    [["--accumulate", "0"], "expected a whole number of at least 1"],
  ] as [string[], string][])("%j", async (flags, message) => {
    const run = await qprune(["prune", ...SMALL, ...flags]);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });
});

test("--save-epoch last saves the last epoch, whether or not it is the best", async () => {
  const save = ["--save", at("last.safetensors")];
  const run = await qprune(["prune", ...SMALL, "--epochs", "2", "--save-epoch", "last", ...save]);
  const accuracies = epochs(run).map(({ testAccuracy }) => Number(testAccuracy));
  expect(run.events.at(-1)).toMatchObject({
    bestAccuracy: Math.max(...accuracies),
    lastAccuracy: accuracies.at(-1),
  });
  const { manifest } = await loadCheckpoint(at("last.safetensors"));
  expect(manifest).toMatchObject({ epoch: 2, accuracy: accuracies.at(-1) });
});
