import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { StoredTensor } from "../../../src/formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../../src/formats/safetensors/tensor-values.js";
import { parsePth } from "../../../src/formats/torch/read-pth.js";
import { join, text } from "../pickle/pickle-bytes.js";
import { dictPart, floats, tensorPart, torchLegacy, torchZip } from "./torch-file.js";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../reference/fixtures/pth/${name}`, import.meta.url)));

const read = async (bytes: Uint8Array) => parsePth(bytes, "x.pth");
const numbers = (tensor: StoredTensor | undefined): number[] =>
  Array.from((tensor && numbersOf(tensor)) ?? []);

const SIX = floats(0, 1, 2, 3, 4, 5);
const six = (shape: readonly number[], strides: readonly number[], offset = 0) =>
  tensorPart({ elements: 6, shape, strides, offset });

describe("a file of PyTorch 2 is read", () => {
  test("with cfg and state dict of the reference scripts' pruning", async () => {
    const { tensors, cfg, bestAccuracy, metadata } = await read(fixture("pruned-nin.pth"));
    expect(cfg).toEqual([12, 20, 4, 13, 11, 8, 6, 13]);
    expect([bestAccuracy, metadata]).toEqual([undefined, {}]);
    expect(tensors.get("tnn_bin.0.weight")).toMatchObject({ dtype: "F32", shape: [12, 3, 5, 5] });
    expect(tensors.get("tnn_bin.1.num_batches_tracked")).toMatchObject({ dtype: "I64", shape: [] });
  });

  test("in the format before 1.6 to the same tensors", async () => {
    const [zip, legacy] = [
      await read(fixture("pruned-nin.pth")),
      await read(fixture("refine-nin-legacy.pth")),
    ];
    expect(legacy.bestAccuracy).toBe(88);
    expect([...legacy.tensors]).toEqual([...zip.tensors]);
  });

  test("with views of one storage", async () => {
    const { tensors } = await read(fixture("views.pth"));
    const whole = numbers(tensors.get("whole"));
    const rows = [0, 1, 2, 3].map((column) =>
      [0, 1, 2, 3, 4, 5].map((row) => whole[row * 4 + column]),
    );
    expect(numbers(tensors.get("transposed"))).toEqual(rows.flat());
    expect(numbers(tensors.get("offset"))).toEqual([9, 10, 13, 14].map((at) => whole[at]));
    expect(tensors.get("empty")?.data.length).toBe(0);
    expect(numbers(tensors.get("scalar"))).toEqual([3.5]);
  });
});

describe("a tensor is extracted by its strides", () => {
  const cut = async (shape: number[], strides: number[], offset = 0): Promise<number[]> => {
    const root = dictPart({ a: six(shape, strides, offset) });
    return numbers((await read(torchZip({ root, storages: { 0: SIX } }))).tensors.get("a"));
  };

  test.each([
    [[2, 3], [3, 1], 0, [0, 1, 2, 3, 4, 5]],
    [[2, 3], [1, 2], 0, [0, 2, 4, 1, 3, 5]],
    [[2, 2], [2, 1], 1, [1, 2, 3, 4]],
    [[], [], 4, [4]],
    [[3], [0], 2, [2, 2, 2]],
    [[2, 1, 2], [2, 99, 1], 1, [1, 2, 3, 4]],
    [[0, 5], [5, 1], 6, []],
    [[2, 2, 2], [3, 1, 1], 0, [0, 1, 1, 2, 3, 4, 4, 5]],
  ])("shape %j with strides %j from %i", async (shape, strides, offset, expected) => {
    expect(await cut(shape, strides, offset)).toEqual(expected);
  });
});

describe("the values around a state dict", () => {
  const weight = tensorPart({ elements: 6, shape: [6], strides: [1] });
  const wrapped = (more: Readonly<Record<string, Uint8Array>>): Buffer =>
    torchZip({
      root: dictPart({ ...more, state_dict: dictPart({ w: weight }) }),
      storages: { 0: SIX },
    });

  test("may be absent", async () => {
    const { tensors } = await read(
      torchZip({ root: dictPart({ w: weight }), storages: { 0: SIX } }),
    );
    expect([...tensors.keys()]).toEqual(["w"]);
  });

  test("may have nothing to do with the net", async () => {
    const { cfg } = await read(
      wrapped({ epoch: join("K", 9), optimizer: join("}K", 0, "]s"), cfg: join("N") }),
    );
    expect(cfg).toBeUndefined();
  });

  test.each([
    ["a number", join("G", 0x40, 0x56, 0, 0, 0, 0, 0, 0), 88],
    [
      "the only element of a tensor",
      tensorPart({ elements: 6, shape: [1], strides: [1], offset: 5 }),
      5,
    ],
    ["0, before anything was tested", join("K", 0), undefined],
    ["not a number", join("N"), undefined],
    ["above 100", join("K", 101), undefined],
    ["many numbers", weight, undefined],
  ])("may contain a best accuracy that is %s", async (_, best_acc, expected) => {
    expect((await read(wrapped({ best_acc }))).bestAccuracy).toBe(expected);
  });

  test("may contain the metadata of qprune", async () => {
    const qprune = dictPart({ format: text("qprune"), epoch: text("7") });
    expect((await read(wrapped({ qprune }))).metadata).toEqual({ format: "qprune", epoch: "7" });
  });
});

describe("a file before PyTorch 0.4", () => {
  test("may use parts of storages", async () => {
    const id = join("(", text("storage"), "ctorch\nFloatStorage\n", text("7"), text("cpu"), "K", 6);
    const part = join(id, "(", text("8"), "K", 2, "K", 3, "ttQ");
    const root = dictPart({
      a: join(
        "ctorch._utils\n_rebuild_tensor_v2\n(",
        part,
        "K",
        1,
        "K",
        2,
        0x85,
        "K",
        1,
        0x85,
        0x89,
        ")tR",
      ),
    });
    const { tensors } = await read(torchLegacy(root, [{ key: "7", elements: 6, data: SIX }]));
    expect(numbers(tensors.get("a"))).toEqual([3, 4]);
  });
});
