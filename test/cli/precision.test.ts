import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-precision-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUN = [
  ...["train", "--dataset", "digits", "--train-limit", "200", "--test-limit", "100"],
  ...["--arch", "nin", "--width", "0.25", "--epochs", "1", "--json", "--num_workers", "0"],
];

let hasBf16: boolean;
beforeAll(async () => {
  const engine = await loadEngine({ engine: "native", notify: () => {} });
  hasBf16 = engine.kind === "native" && engine.multipliesBf16;
});

/** Trains a net in a precision, and tests it in each. */
const lossOf = async (precision: string): Promise<number> => {
  const save = at(`${precision}.safetensors`);
  const run = await qprune([...RUN, "--precision", precision, "--save", save]);
  expect(run.code).toBe(0);
  return run.events.find(({ event }) => event === "epoch")?.trainLoss as number;
};

test("bfloat16 trains to nearly the loss of float32", async () => {
  const [float32, bf16] = [await lossOf("float32"), await lossOf("bf16")];
  expect(bf16).not.toBe(float32);
  // Operands keep 8 significant bits, so 4 steps differ by less than one part in 64.
  expect(Math.abs(bf16 - float32)).toBeLessThan(float32 / 64);
});

test("auto chooses bfloat16 where the processor multiplies it, reports it, and its run keeps the choice", async () => {
  const save = ["--save", at("auto.safetensors")];
  const chosen = hasBf16 ? "bf16" : "float32";
  const run = await qprune([...RUN, "--precision", "auto", ...save]);
  expect(run.stderr).toContain(`Convolutions compute in ${chosen}`);
  const other = hasBf16 ? "float32" : "bf16";
  const refused = await qprune([...RUN, "--precision", other, ...save, "--resume", "auto"]);
  expect(refused.stderr).toContain(`--precision ${other} (the run has ${chosen})`);
  const again = await qprune([...RUN, "--precision", "auto", ...save, "--resume", "auto"]);
  expect(again.code).toBe(0);
});

test("a net is tested in the precision of the call", async () => {
  await lossOf("float32");
  const file = at("float32.safetensors");
  const test = ["train", "--refine", file, "--evaluate", "--test-limit", "100", "--json"];
  const float32 = await qprune(test);
  const bf16 = await qprune([...test, "--precision", "bf16"]);
  const lossIn = ({ events }: typeof bf16) => events.at(-1)?.testLoss as number;
  expect(lossIn(bf16)).not.toBe(lossIn(float32));
  expect(lossIn(bf16)).toBeCloseTo(lossIn(float32), 1);
});
