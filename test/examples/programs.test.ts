import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "../cli/run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-programs-"));
const argv = process.argv;
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => {
  process.argv = argv;
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string): string => join(folder, name);

/** Runs a program of examples/ with arguments; what it prints. */
const run = async (program: string, ...args: string[]): Promise<string> => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => {
    lines.push(words.join(" "));
  });
  process.argv = [argv[0] ?? "node", program, ...args];
  try {
    await import(`../../examples/${program}.mts`);
  } finally {
    log.mockRestore();
  }
  return lines.join("\n");
};

test("quantize-a-tensor prints the values of each quantizer", async () => {
  const lines = (await run("quantize-a-tensor")).split("\n");
  expect(lines).toHaveLength(5);
  // The mean of |0.9|, |-0.4| and |0.02| is 0.44.
  expect(lines[4]).toMatch(/binary, with alpha +0\.440 +-0\.317/);
});

test("train-nin trains and saves a net that the command line tests", async () => {
  const printed = await run("train-nin", "20", at("nin.safetensors"));
  expect(printed).toMatch(/^step 20: loss \d\.\d+/);
  const flags = ["--evaluate", "--resume", at("nin.safetensors"), "--test-limit", "500", "--json"];
  const { code, events } = await qprune(["wqaq", ...flags]);
  expect(code).toBe(0);
  expect(events.at(-1)?.testAccuracy ?? events.at(-1)?.accuracy).toBeCloseTo(
    Number(/: ([\d.]+) %/.exec(printed)?.[1]),
    6,
  );
});

test("prune-and-merge prunes what train-nin saved", async () => {
  const printed = await run("prune-and-merge", at("nin.safetensors"), "0.4");
  expect(printed.match(/^\S+: keeps \d+ of \d+ channels$/gm)).toHaveLength(8);
  const [, before, after] = /parameters: (\d+) -> (\d+)/.exec(printed) ?? [];
  expect(Number(after)).toBeLessThan(Number(before));
});

test("read-packed lists codes and sizes", async () => {
  const packed = at("packed.safetensors");
  await qprune(["export", at("nin.safetensors"), "--format", "packed", "--save", packed]);
  expect(existsSync(packed)).toBe(true);
  const printed = await run("read-packed", packed);
  expect(printed).toMatch(/dorefa\.2\.conv\.weight_codes: \d+ bytes of codes/);
  const [, small, large] = /(\d+) bytes packed, (\d+) unpacked/.exec(printed) ?? [];
  expect(Number(small)).toBeLessThan(Number(large) / 2);
});

test("compress-nin does the whole chain through the library alone", async () => {
  mkdirSync(at("chain"));
  const lines = (await run("compress-nin", at("chain"))).split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    at("chain/sparse.safetensors"),
    at("chain/small.safetensors"),
  ]);
  const [sparse, small] = lines.map((line) => Number(line.split(" ")[1])) as [number, number];
  expect(small).toBeLessThan(sparse / 4);
}, 120_000);
