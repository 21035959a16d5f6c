import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import type { SafetensorsFile } from "../../src/formats/safetensors/stored-tensor.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { qprune } from "../cli/run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-descriptions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

let valid: SafetensorsFile;
let spec: ChainSpec;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  await qprune([
    "wqaq",
    "--dataset",
    "digits",
    "--train-limit",
    "50",
    "--test-limit",
    "50",
    "--arch",
    "nin",
    "--width",
    "0.125",
    "--max-steps",
    "0",
    "--save",
    at("valid.safetensors"),
    "--quiet",
  ]);
  valid = await readSafetensors(at("valid.safetensors"));
  spec = JSON.parse(valid.metadata.spec ?? "") as ChainSpec;
});

/** Writes the valid file with another spec. */
const withSpec = (name: string, changed: unknown): string => {
  const metadata = { ...valid.metadata, spec: JSON.stringify(changed) };
  writeFileSync(at(name), Buffer.concat(encodeSafetensors(valid.tensors, metadata)));
  return at(name);
};

const withConv = (position: number, change: object): unknown => ({
  ...spec,
  convs: spec.convs.map((conv, index) => (index === position ? { ...conv, ...change } : conv)),
});

describe("a checkpoint with an invalid description is refused before anything is allocated", () => {
  test.each([
    [() => withConv(1, { shuffle: 1000 }), /convolution 1 shuffles 24 channels by 1000/],
    [() => withConv(1, { groups: 7 }), /convolution 1 has 7 groups/],
    [() => withConv(2, { width: 1e9 }), /convolution 2 has 1000000000 channels/],
    [() => withConv(2, { kernel: 9999 }), /convolution 2 has a kernel of 9999/],
    [() => withConv(3, { pad: 20000 }), /convolution 3 pads by 20000/],
    [() => withConv(2, { pool: { kind: "max", size: 99, stride: 2, pad: 0 } }), /a pool of 99/],
    [() => withConv(2, { pool: { kind: "max", size: 2, stride: 2, pad: 9 } }), /padded by 9/],
    [() => withConv(6, { pool: { kind: "max", size: 15, stride: 2, pad: 0 } }), /nothing is left/],
    [
      () => withConv(2, { pool: { kind: "max", size: 2, stride: 1e9, pad: 0 } }),
      /stride 1000000000/,
    ],
    [
      () => withConv(0, { dropout: 0.5 }),
      /convolution 0 has a dropout of 0.5, but its input is the image/,
    ],
    [() => ({ ...spec, arch: "../../up" }), /description of the net is damaged/],
    [() => ({ ...spec, norm: { ...spec.norm, epsilon: 1e-40 } }), /epsilon 1e-40/],
    [() => ({ ...spec, input: { ...spec.input, height: 4096, width: 4096 } }), /outputs per image/],
    [() => withConv(2, { width: 16 }), /do not match the net that it describes/],
    [() => ({ ...spec, classes: 11 }), /10 outputs for 11 classes/],
    [() => ({ ...spec, convs: [] }), /description of the net is damaged/],
    [() => ({ ...spec, norm: { ...spec.norm, minGamma: 1e300 } }), /minGamma/],
    [() => ({ ...spec, input: { ...spec.input, height: 1e9 } }), /images of 1000000000/],
    [() => "nonsense", /description of the net is damaged/],
  ] as [() => unknown, RegExp][])("%#", async (changed, message) => {
    const file = withSpec("changed.safetensors", changed());
    const error = await loadCheckpoint(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(QpruneError);
    expect((error as QpruneError).message).toMatch(message);
  });

  test("and a valid one is read", async () => {
    expect(
      (await loadCheckpoint(withSpec("same.safetensors", spec))).net.chain?.widths,
    ).toHaveLength(8);
  });
});
