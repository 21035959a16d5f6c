import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { packedBytes } from "../runtime/files.js";
import { evaluatedNet } from "../runtime/nets.js";
import { digitPng } from "./digit-png.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-quick-"));
const [packed, cut, image] = ["net.safetensors", "cut.safetensors", "digit.png"].map((name) =>
  join(folder, name),
) as [string, string, string];

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  const net = evaluatedNet({
    ...{ arch: "nin", width: 0.125, side: 32, images: 1 },
    quantization: {
      weights: { kind: "dorefa", bits: 4 },
      activations: { kind: "dorefa", bits: 4, scale: 0.1 },
    },
  });
  const bytes = packedBytes(net);
  writeFileSync(packed, bytes);
  writeFileSync(cut, bytes.subarray(0, bytes.length - 9));
  writeFileSync(image, await digitPng(0));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (...argv: string[]) =>
  spawnSync(process.execPath, ["bin/qprune.js", ...argv], {
    encoding: "utf8",
    env: { ...process.env, NODE_DEBUG: "esm" },
    // All files of the program are logged.
    maxBuffer: 2 ** 26,
  });

/** What was printed without the lines of NODE_DEBUG. */
const messages = (stderr: string): string =>
  stderr
    .split("\n")
    .filter((line) => /^(error|hint| {2}hint|\(Did)/.test(line))
    .join("\n");

describe("predict with a packed net, from one file", () => {
  test.each([
    ["an image and a digit", [image, "digits:3"]],
    ["JSON", [image, "--json", "--top", "2"]],
    ["an image that does not exist", [join(folder, "none.png")]],
    ["an unknown option", [image, "--tup", "3"]],
    ["the help", ["--help"]],
  ])("prints what the whole program does: %s", async (_, rest) => {
    const argv = ["predict", packed, ...rest];
    const { stdout, stderr, status } = program(...argv);
    const whole = await qprune(argv);
    expect(stdout).toBe(whole.stdout);
    expect(messages(stderr)).toBe(messages(whole.stderr));
    expect(status).toBe(whole.code);
    expect(stderr).toContain("predict-bundle.js");
    expect(stderr).not.toMatch(/dist\/cli\/main\.js|node_modules\/(zod|@tensorflow)\//);
  });

  test("leaves damaged files and other engines to the whole program", async () => {
    const { stderr, status } = program("predict", cut, image);
    expect(stderr).toContain("dist/cli/main.js");
    expect(messages(stderr)).toMatch(/cut\.safetensors is not a valid safetensors file/);
    expect(status).toBe(1);
  });
});
