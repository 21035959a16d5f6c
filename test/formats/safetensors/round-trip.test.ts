import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { encodeSafetensors } from "../../../src/formats/safetensors/encode-safetensors.js";
import { parseSafetensors } from "../../../src/formats/safetensors/parse-safetensors.js";
import { readSafetensors } from "../../../src/formats/safetensors/read-safetensors.js";
import {
  DTYPE_BYTES,
  type StoredDtype,
  type StoredTensor,
} from "../../../src/formats/safetensors/stored-tensor.js";
import {
  float32Tensor,
  float32Values,
  int32Tensor,
  int32Values,
  int64Tensor,
  int64Values,
} from "../../../src/formats/safetensors/tensor-values.js";

const join8 = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));

const someTensors = new Map<string, StoredTensor>([
  ["conv.weight", float32Tensor([1, 3], Float32Array.of(1.5, -0, Number.NaN))],
  ["mask", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["bn.num_batches_tracked", int64Tensor([], [7])],
  ["0", int32Tensor([2], Int32Array.of(-1, 2))],
  ["empty", float32Tensor([0, 4], new Float32Array(0))],
]);

const anyTensor = fc
  .tuple(
    fc.constantFrom(...(Object.keys(DTYPE_BYTES) as StoredDtype[])),
    fc.array(fc.nat(4), { maxLength: 4 }),
    fc.nat(255),
  )
  .map(([dtype, shape, fill]): StoredTensor => {
    const bytes = shape.reduce((product, side) => product * side, DTYPE_BYTES[dtype]);
    return { dtype, shape, data: new Uint8Array(bytes).fill(fill) };
  });
const anyName = fc
  .string({ unit: "binary", maxLength: 12 })
  .filter((name) => name !== "__metadata__");
const anyMetadata = fc.dictionary(fc.string(), fc.string()).map((metadata) => {
  const { __proto__: _, ...rest } = metadata;
  return rest;
});

describe("encodeSafetensors", () => {
  it("writes tensors that parseSafetensors reads in the given order", () => {
    const parsed = parseSafetensors(join8(encodeSafetensors(someTensors, { arch: "nin" })), "x");
    expect([...parsed.tensors]).toEqual([...someTensors]);
    expect(parsed.metadata).toEqual({ arch: "nin" });
  });

  it("round-trips any tensors and any metadata", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, anyTensor)), anyMetadata, (entries, metadata) => {
        const tensors = new Map(entries);
        const parsed = parseSafetensors(join8(encodeSafetensors(tensors, metadata)), "x");
        expect([...parsed.tensors]).toEqual([...tensors]);
        expect(parsed.metadata).toEqual(metadata);
      }),
    );
  });

  it("pads the header with spaces so that the data begin at a multiple of eight", () => {
    for (const name of ["a", "ab", "abc", "abcd", "abcde"]) {
      const [, header] = encodeSafetensors(new Map([[name, int64Tensor([1], [1])]]), {});
      expect((header?.length ?? 1) % 8).toBe(0);
      expect(new TextDecoder().decode(header)).toMatch(/^\{.*\} *$/);
    }
  });

  it("aligns every tensor for its element type", () => {
    const bytes = join8(encodeSafetensors(someTensors, {}));
    for (const { dtype, data } of parseSafetensors(bytes, "x").tensors.values()) {
      expect(data.byteOffset % DTYPE_BYTES[dtype]).toBe(0);
    }
  });

  it("encodes an empty file", () => {
    expect(parseSafetensors(join8(encodeSafetensors(new Map(), {})), "x").tensors.size).toBe(0);
  });

  it.each([
    ["bytes that do not fit the shape", "a", { dtype: "F32", shape: [2], data: new Uint8Array(4) }],
    ["a negative side", "a", { dtype: "F32", shape: [-1], data: new Uint8Array(4) }],
    ["a reserved name", "__metadata__", float32Tensor([1], Float32Array.of(1))],
    ["a name beyond the limit", "n".repeat(1025), float32Tensor([1], Float32Array.of(1))],
    ["too many dimensions", "a", float32Tensor(new Array(65).fill(1), Float32Array.of(1))],
  ] as const)("refuses %s", (_, name, tensor) => {
    const tensors = new Map<string, StoredTensor>([[name, tensor]]);
    expect(() => encodeSafetensors(tensors, {})).toThrow(QpruneError);
  });

  it("refuses metadata beyond the limit", () => {
    expect(() => encodeSafetensors(new Map(), { log: "x".repeat(16_000_001) })).toThrow(
      QpruneError,
    );
  });
});

describe("tensor values", () => {
  it("are the stored numbers", () => {
    expect([...float32Values(float32Tensor([2], Float32Array.of(1.5, -2)), "t")]).toEqual([
      1.5, -2,
    ]);
    expect([...int32Values(int32Tensor([2], Int32Array.of(1, -2)), "t")]).toEqual([1, -2]);
    const wide = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0];
    expect(int64Values(int64Tensor([3], wide), "t")).toEqual(wide);
  });

  it("are copied if the bytes are not aligned", () => {
    const shifted = new Uint8Array(13);
    shifted.set(new Uint8Array(Float32Array.of(1, 2, 3).buffer), 1);
    const tensor: StoredTensor = { dtype: "F32", shape: [3], data: shifted.subarray(1) };
    expect([...float32Values(tensor, "t")]).toEqual([1, 2, 3]);
  });

  it("share memory if the bytes are aligned", () => {
    const values = Float32Array.of(1, 2);
    expect(float32Values(float32Tensor([2], values), "t").buffer).toBe(values.buffer);
  });

  it("refuse another dtype by name", () => {
    expect(() => float32Values(int64Tensor([], [1]), "bn.count")).toThrow(/bn\.count.*I64.*F32/);
  });

  it("refuse integers that are not safe", () => {
    const data = new Uint8Array(BigInt64Array.of(2n ** 53n).buffer);
    expect(() => int64Values({ dtype: "I64", shape: [], data }, "t")).toThrow(QpruneError);
  });
});

describe("readSafetensors", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "qprune-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("reads a file", async () => {
    const path = join(folder, "net.safetensors");
    await writeFile(path, join8(encodeSafetensors(someTensors, { arch: "nin" })));
    const file = await readSafetensors(path);
    expect([...file.tensors]).toEqual([...someTensors]);
    expect(file.metadata).toEqual({ arch: "nin" });
  });

  it("names a file that is missing, a folder, an empty and a truncated file", async () => {
    const whole = join8(encodeSafetensors(someTensors, {}));
    await writeFile(join(folder, "empty"), "");
    await writeFile(join(folder, "cut"), whole.subarray(0, whole.length - 1));
    for (const [name, reason] of [
      ["missing", /missing: there is no such file/],
      [".", /it is not a file/],
      ["empty", /empty is not a valid safetensors file/],
      ["cut", /cut is not a valid safetensors file/],
    ] as const) {
      const failure = readSafetensors(join(folder, name));
      await expect(failure).rejects.toThrow(reason);
      await expect(failure).rejects.toBeInstanceOf(QpruneError);
    }
  });
});
