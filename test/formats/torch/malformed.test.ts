import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { type StoredTensor, storedBytes } from "../../../src/formats/safetensors/stored-tensor.js";
import { float32Tensor, int64Tensor } from "../../../src/formats/safetensors/tensor-values.js";
import { encodePth } from "../../../src/formats/torch/encode-pth.js";
import { MAX_EXPANSION } from "../../../src/formats/torch/limits.js";
import type { PthFile } from "../../../src/formats/torch/pth-file.js";
import { parsePth } from "../../../src/formats/torch/read-pth.js";
import { join, text, uint32 } from "../pickle/pickle-bytes.js";
import {
  dictPart,
  floats,
  type TensorPart,
  tensorPart,
  torchLegacy,
  torchZip,
} from "./torch-file.js";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../reference/fixtures/pth/${name}`, import.meta.url)));

const SIX = floats(0, 1, 2, 3, 4, 5);
const VECTOR: TensorPart = { elements: 6, shape: [6], strides: [1] };
const storages = { 0: SIX };
const zipOf = (part: Partial<TensorPart>): Buffer =>
  torchZip({ root: dictPart({ w: tensorPart({ ...VECTOR, ...part }) }), storages });
const around = (more: Readonly<Record<string, Uint8Array>>): Buffer =>
  torchZip({
    root: dictPart({ ...more, state_dict: dictPart({ w: tensorPart(VECTOR) }) }),
    storages,
  });
const many = (count: number): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}`, tensorPart(VECTOR)]));

const refusal = async (bytes: Uint8Array): Promise<QpruneError> => {
  const error = await parsePth(bytes, "net.pth").then(
    () => new Error("was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof QpruneError)) throw error;
  return error;
};

const LONG_NAME = "n".repeat(1025);
const HUGE = 2 ** 31 - 1;

describe("a PyTorch file is refused that", () => {
  test.each([
    ["is empty", new Uint8Array(0), /ends early/],
    ["is not a checkpoint", fixture("not-a-checkpoint.pth"), /no pickle/],
    [
      "would run a command",
      fixture("malicious.pth"),
      /refers to posix\.system, which no checkpoint needs/,
    ],
    ["would run one in the old format", fixture("malicious-legacy.pth"), /refers to posix\.system/],
    [
      "contains a whole model",
      fixture("whole-module.pth"),
      /it is a whole model \(torch\.nn\.modules\.container\.Sequential\)/,
    ],
    ["is cut off", fixture("truncated.pth"), /the directory at its end is missing/],
    ["is cut off in the old format", fixture("truncated-legacy.pth"), /ends early/],
    [
      "has a tensor larger than its storage",
      fixture("out-of-bounds.pth"),
      /\[1000,1000\].*4 elements/,
    ],
    ["is another pickle", join(0x80, 2, "N."), /magic number/],
    [
      "has no pickle",
      torchZip({ root: join("}") })
        .fill("x", 0)
        .subarray(0, 100),
      /no pickle/,
    ],
    ["contains no dict", torchZip({ root: tensorPart(VECTOR), storages }), /no dict of tensors/],
    [
      "contains more than tensors",
      torchZip({ root: dictPart({ v: tensorPart(VECTOR), w: join("N") }), storages }),
      /"w" of its state dict is not a tensor/,
    ],
    [
      "contains no tensors",
      torchZip({ root: dictPart({ epoch: join("N") }) }),
      /a dict with the keys "epoch", and no dict of tensors/,
    ],
    [
      "has numbers for names",
      torchZip({ root: join("}K", 1, tensorPart(VECTOR), "s"), storages }),
      /a tensor's name is the number 1/,
    ],
    [
      "has a name beyond the limit",
      torchZip({ root: dictPart({ [LONG_NAME]: tensorPart(VECTOR) }), storages }),
      /1025 characters/,
    ],
    ["lacks a storage", zipOf({ key: "1" }), /storage "1" is missing/],
    ["has a storage outside its folder", zipOf({ key: "../version" }), /missing/],
    ["has a storage of another size", zipOf({ elements: 5 }), /has 24 bytes, not 20/],
    ["has a storage of another type", zipOf({ storage: "DoubleStorage" }), /has 24 bytes, not 48/],
    [
      "has a storage of an unknown type",
      zipOf({ storage: "QInt3Storage" }),
      /other than a storage of numbers/,
    ],
    [
      "has tensors of an unknown type",
      torchZip({
        root: dictPart({ w: tensorPart({ ...VECTOR, storage: "ComplexDoubleStorage" }) }),
        storages: { 0: new Uint8Array(96) },
      }),
      /"w" is a tensor of complex128, which qprune does not support/,
    ],
    [
      "has a negative count of elements",
      zipOf({ elements: -1 }),
      /other than a storage of numbers/,
    ],
    ["has a negative offset", zipOf({ offset: -1 }), /no valid offset in it/],
    ["has a negative side", zipOf({ shape: [-1], strides: [1] }), /non-negative integers/],
    [
      "has a negative stride",
      zipOf({ shape: [6], strides: [-1], offset: 5 }),
      /non-negative integers/,
    ],
    ["has fewer strides than sides", zipOf({ shape: [2, 3] }), /shape \[2,3\] has strides \[1\]/],
    ["reads beyond its storage by offset", zipOf({ offset: 1 }), /exceeds its storage/],
    [
      "reads beyond its storage by stride",
      zipOf({ shape: [2], strides: [6] }),
      /exceeds its storage/,
    ],
    [
      "begins beyond its storage when empty",
      zipOf({ shape: [0], offset: 7 }),
      /exceeds its storage/,
    ],
    ["overflows", zipOf({ shape: [HUGE, HUGE], strides: [HUGE, HUGE] }), /exceeds its storage/],
    [
      "has 65 dimensions",
      zipOf({ shape: Array(65).fill(1), strides: Array(65).fill(1) }),
      /at most 64/,
    ],
    ["repeats one number endlessly", zipOf({ shape: [HUGE], strides: [0] }), /need more than/],
    [
      "repeats one number endlessly in many dimensions",
      zipOf({ shape: Array(64).fill(HUGE), strides: Array(64).fill(0) }),
      /need more than/,
    ],
    [
      "has an overflow hidden by a zero",
      zipOf({ shape: [HUGE, HUGE, HUGE, 0], strides: [0, 0, 0, 0] }),
      /need more than/,
    ],
    [
      "has more tensors than the limit",
      torchZip({ root: dictPart(many(20_001)), storages }),
      /20001 tensors/,
    ],
    ["has a string as cfg", around({ cfg: text("1,2") }), /cfg is not a list/],
    [
      "has fractions in its cfg",
      around({ cfg: join("]G", 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, "a") }),
      /cfg is not a list/,
    ],
    ["has other content under qprune's key", around({ qprune: join("]") }), /key qprune/],
    [
      "has numbers under qprune's key",
      around({ qprune: dictPart({ epoch: join("K", 1) }) }),
      /key qprune/,
    ],
    [
      "has an unknown byte order",
      torchZip({ root: join("}"), more: { "f/byteorder": Buffer.from("middle") } }),
      /neither little nor big/,
    ],
    [
      "is TorchScript",
      torchZip({ root: join("}"), more: { "f/constants.pkl": SIX } }),
      /TorchScript/,
    ],
    ["has two pickles", torchZip({ root: join("}"), more: { "g/data.pkl": SIX } }), /2 pickles/],
    ["has bytes after its pickle", torchZip({ root: join("}.N") }), /2 bytes follow its pickle/],
    [
      "refers to a storage by a list",
      torchZip({ root: join("]Q") }),
      /other than a storage of numbers/,
    ],
    [
      "rebuilds a tensor without arguments",
      torchZip({ root: join("ctorch._utils\n_rebuild_tensor_v2\n)R") }),
      /no storage/,
    ],
    [
      "creates a parameter without a tensor",
      torchZip({ root: join("ctorch._utils\n_rebuild_parameter\n)R") }),
      /not a tensor/,
    ],
    [
      "sets the state of a tensor",
      torchZip({ root: join(tensorPart(VECTOR), "}b"), storages }),
      /sets the state/,
    ],
  ] as [string, Uint8Array, RegExp][])("%s", async (_, bytes, reason) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(/^net\.pth is not a valid PyTorch checkpoint: /);
    expect(error.message).toMatch(reason);
    expect(error.hint).toBeDefined();
  });

  const root = dictPart({ w: tensorPart({ ...VECTOR, key: "7" }) });
  const good = { key: "7", elements: 6, data: SIX };
  test.each([
    [
      "has another magic number",
      torchLegacy(root, [good], { magic: "00".repeat(10) }),
      /magic number/,
    ],
    ["lists no storage", torchLegacy(root, []), /storage "7" is missing/],
    [
      "lists a storage that is not used",
      torchLegacy(root, [good, { ...good, key: "8" }]),
      /"8" is not used/,
    ],
    ["lists a storage twice", torchLegacy(root, [good, good]), /"7" is listed twice/],
    [
      "declares another number of elements",
      torchLegacy(root, [{ ...good, elements: 7 }]),
      /6 elements/,
    ],
    [
      "has a storage that is too short",
      torchLegacy(root, [{ ...good, data: SIX.subarray(1) }]),
      /ends early/,
    ],
    ["has bytes after its storages", join(torchLegacy(root, [good]), 0), /1 bytes follow/],
    [
      "has a storage of two types",
      torchLegacy(
        join(
          "](",
          root,
          dictPart({ w: tensorPart({ ...VECTOR, key: "7", storage: "IntStorage" }) }),
          "e",
        ),
        [good],
      ),
      /two sizes or types/,
    ],
  ] as [string, Uint8Array, RegExp][])("%s (old format)", async (_, bytes, reason) => {
    expect((await refusal(bytes)).message).toMatch(reason);
  });
});

describe("damaged bytes yield a QpruneError or valid tensors", () => {
  const net = new Map<string, StoredTensor>([
    ["dorefa.0.weight", float32Tensor([2, 3], Float32Array.of(0, 1, 2, 3, 4, 5))],
    ["dorefa.1.num_batches_tracked", int64Tensor([], [7])],
  ]);
  const zip = Buffer.concat(
    encodePth({ tensors: net, cfg: [2], bestAccuracy: 50, metadata: { format: "qprune" } }),
  );
  const root = dictPart({
    cfg: join("](K", 2, "e"),
    state_dict: dictPart({
      a: tensorPart({ ...VECTOR, shape: [3, 2], strides: [1, 3] }),
      b: tensorPart({ ...VECTOR, key: "9", storage: "IntStorage" }),
    }),
  });
  const legacy = torchLegacy(root, [
    { key: "9", elements: 6, data: SIX },
    { key: "0", elements: 6, data: SIX },
  ]);

  const parsed = async (bytes: Uint8Array): Promise<PthFile | undefined> => {
    try {
      return await parsePth(bytes, "x");
    } catch (error) {
      if (error instanceof QpruneError) return undefined;
      throw error;
    }
  };
  /** Checks that every tensor has the bytes of its shape, and that all of them are within the limit. */
  const check = async (bytes: Uint8Array): Promise<void> => {
    let total = 0;
    for (const { dtype, shape, data } of (await parsed(bytes))?.tensors.values() ?? []) {
      if (data.length !== storedBytes(dtype, shape))
        throw new Error(`[${shape}] has ${data.length}`);
      total += data.length;
    }
    expect(total).toBeLessThanOrEqual(MAX_EXPANSION * bytes.length);
  };
  const shown = (file: PthFile | undefined) =>
    [...(file?.tensors ?? [])].map(([name, { dtype, shape, data }]) => [
      name,
      dtype,
      [...shape],
      [...data],
    ]);

  const changes = (length: number) =>
    fc.array(fc.tuple(fc.nat(length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const apply = (bytes: Uint8Array, list: readonly (readonly [number, number])[]): Uint8Array => {
    const copy = new Uint8Array(bytes);
    for (const [at, value] of list) copy[at] = value;
    return copy;
  };
  const seed = 20;

  test("any bytes changed in a zip file: it is refused, or its tensors are unchanged", async () => {
    const original = shown(await parsed(zip));
    await fc.assert(
      fc.asyncProperty(changes(zip.length), async (list) => {
        const file = await parsed(apply(zip, list));
        if (file) expect(shown(file)).toEqual(original);
      }),
      { numRuns: 2000, seed },
    );
  });

  test("any bytes changed in an old file", async () => {
    await fc.assert(
      fc.asyncProperty(changes(legacy.length), (list) => check(apply(legacy, list))),
      { numRuns: 3000, seed },
    );
  });

  test("any bytes changed in the pickle of an intact archive", async () => {
    await fc.assert(
      fc.asyncProperty(changes(root.length), (list) =>
        check(torchZip({ root: apply(root, list), storages: { 0: SIX, 9: SIX } })),
      ),
      { numRuns: 2000, seed },
    );
  });

  test("opcodes inserted, parts repeated and lengths inflated in a pickle", async () => {
    const opcode = fc.constantFrom(
      ..."().0123FIJKLMNPQRSTUVX]abcdeghijloqrstu}".split("").map((each) => join(each)),
    );
    const piece = fc.oneof(
      opcode,
      fc.nat(255).map((byte) => join(byte)),
      fc.constantFrom(uint32(2 ** 32 - 1), uint32(2 ** 31), text("0"), join("K", 255)),
      fc
        .tuple(fc.nat(root.length - 1), fc.nat(60))
        .map(([at, length]) => root.subarray(at, at + length)),
    );
    const insertion = fc.tuple(fc.nat(root.length), piece, fc.nat(8));
    await fc.assert(
      fc.asyncProperty(fc.array(insertion, { minLength: 1, maxLength: 3 }), async (insertions) => {
        let changed: Buffer = root;
        for (const [at, inserted, removed] of insertions) {
          changed = join(changed.subarray(0, at), inserted, changed.subarray(at + removed));
        }
        await check(torchZip({ root: changed, storages: { 0: SIX, 9: SIX } }));
      }),
      { numRuns: 3000, seed },
    );
  });

  test("cut off anywhere", async () => {
    for (const whole of [legacy, zip]) {
      for (let length = 0; length < whole.length; length++) {
        expect(await parsed(whole.subarray(0, length))).toBeUndefined();
      }
    }
  });

  test("and all of this takes little memory", () => {
    expect(process.memoryUsage().rss).toBeLessThan(1e9);
  });
});
