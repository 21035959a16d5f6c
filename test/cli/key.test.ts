import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import type { StoredTensor } from "../../src/formats/safetensors/stored-tensor.js";
import { float32Tensor, float32Values } from "../../src/formats/safetensors/tensor-values.js";
import { parsePth } from "../../src/formats/torch/read-pth.js";
import { dictPart, statePart, torchZip } from "../formats/torch/torch-file.js";
import { qprune } from "./run.js";

const FIXTURE = new URL("../reference/fixtures/pth/pruned-nin.pth", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "qprune-key-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

type State = ReadonlyMap<string, StoredTensor>;
/** The tensors under other names. */
const named = (state: State, prefix: string): State =>
  new Map([...state].map(([name, tensor]) => [prefix + name, tensor]));
/** The net whose first bias is all 7. */
const otherNet = (state: State): State =>
  new Map(
    [...state].map(([name, tensor]) =>
      name === "tnn_bin.0.bias"
        ? [name, float32Tensor(tensor.shape, new Float32Array(tensor.data.length / 4).fill(7))]
        : [name, tensor],
    ),
  );

let state: State;
beforeAll(async () => {
  state = (await parsePth(readFileSync(fileURLToPath(FIXTURE)), "x")).tensors;
  const [net, other] = [statePart(state), statePart(named(otherNet(state), "module."), "e")];
  const root = dictPart({ model: net.root, ema: dictPart({ shadow: other.root }) });
  const storages = { ...net.storages, ...other.storages };
  writeFileSync(at("two.pth"), torchZip({ root, storages }));
});

const firstBias = async (path: string, key?: string): Promise<number | undefined> => {
  const { state: read } = await loadCheckpoint(path, { key });
  const tensor = read.get("tnn_bin.0.bias");
  return tensor && float32Values(tensor, "bias")[0];
};

describe("a .pth file with two nets", () => {
  test.each([
    ["summary", [at("two.pth")]],
    ["convert", [at("two.pth"), at("out.safetensors")]],
    ["export", [at("two.pth"), "--save", at("out-packed.safetensors")]],
    ["bn-merge", ["--model", at("two.pth"), "--no-test"]],
    ["gc-prune", ["--model", at("two.pth"), "--dry-run"]],
    ["prune", ["--refine", at("two.pth"), "--dataset", "digits", "--save", at("x.safetensors")]],
    ["wqaq", ["--resume", at("two.pth"), "--dataset", "digits", "--evaluate"]],
    ["predict", [at("two.pth"), "cat.jpg"]],
    ["compare", [at("two.pth"), at("two.pth"), "--no-test"]],
  ])("is refused by %s with the names of both, as a wrong call", async (command, argv) => {
    const { code, stderr } = await qprune([command, ...argv]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/contains 2 dicts of tensors: "model", "ema\.shadow"/);
    expect(stderr).toContain("--key model");
  });

  test.each([
    ["model", false],
    ["ema", true],
    ["ema.shadow", true],
  ])("is read with --key %s", async (key, isOther) => {
    const out = at(`${key}.safetensors`);
    expect((await qprune(["convert", at("two.pth"), out, "--key", key])).code).toBe(0);
    expect((await firstBias(out)) === 7).toBe(isOther);
    const { code, stdout } = await qprune(["summary", at("two.pth"), "--key", key]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("cfg 12,20,4,13,11,8,6,13")]);
  });

  test("is pruned with --key", async () => {
    const argv = ["gc-prune", "--model", at("two.pth"), "--key", "model", "--dry-run"];
    expect((await qprune(argv)).code).toBe(0);
  });

  test("is compared with a safetensors file, for which --key is ignored", async () => {
    expect(
      await qprune(["convert", at("two.pth"), at("a.safetensors"), "--key", "ema"]),
    ).toMatchObject({ code: 0 });
    const argv = ["compare", at("two.pth"), at("a.safetensors"), "--key", "model", "--no-test"];
    expect(await qprune(argv)).toMatchObject({ code: 0 });
  });

  test("with an unknown key is refused", async () => {
    const { code, stderr } = await qprune(["summary", at("two.pth"), "--key", "net"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/nothing under the key "net".*\n.*"model", "ema\.shadow"/);
  });

  test("with a key for a safetensors file is refused", async () => {
    await qprune(["convert", at("two.pth"), at("b.safetensors"), "--key", "ema"]);
    const { code, stderr } = await qprune(["summary", at("b.safetensors"), "--key", "ema"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is a safetensors file, which has no keys/);
  });
});

describe("tensor names that", () => {
  const write = (name: string, tensors: State): string => {
    const { root, storages } = statePart(tensors);
    writeFileSync(at(name), torchZip({ root: dictPart({ anything: root }), storages }));
    return at(name);
  };

  test.each(["module.", "_orig_mod.", "model.", "net.", "model._orig_mod.module.", "a.b.c.d."])(
    "all begin with %s lose it",
    async (prefix) => {
      const { state: read } = await loadCheckpoint(write("prefix.pth", named(state, prefix)));
      expect([...read.keys()]).toEqual([...state.keys()]);
    },
  );

  test("belong to no net are shown with control characters escaped", async () => {
    const tensor = float32Tensor([1, 2, 3, 3], new Float32Array(18));
    const names = ["conv\u001b[31m.weight", "a\u202eb\n", "c<d>\u009b", "e", "f"];
    const path = write("strange.pth", new Map(names.map((name) => [name, tensor])));
    const { code, stderr } = await qprune(["summary", path]);
    expect(code).toBe(1);
    expect(stderr).toContain(String.raw`"conv\u001b[31m.weight" [1,2,3,3], "a\u202eb\n" [1,2,3,3]`);
    expect(stderr).toContain("(5 in all)");
    expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
