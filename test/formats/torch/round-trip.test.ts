import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DTYPE_BYTES,
  type StoredDtype,
  type StoredTensor,
} from "../../../src/formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../../src/formats/safetensors/tensor-values.js";
import { encodePth } from "../../../src/formats/torch/encode-pth.js";
import { parsePth } from "../../../src/formats/torch/read-pth.js";

const plain = (tensors: ReadonlyMap<string, StoredTensor>) =>
  [...tensors].map(([name, { dtype, shape, data }]) => [name, dtype, [...shape], [...data]]);

const STORED: readonly StoredDtype[] = [
  ...(["F32", "F64", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"] as const),
];
const anyTensor = fc
  .tuple(fc.constantFrom(...STORED), fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(255))
  .map(([dtype, shape, fill]): StoredTensor => {
    const bytes = shape.reduce((product, side) => product * side, DTYPE_BYTES[dtype]);
    return { dtype, shape, data: new Uint8Array(bytes).fill(fill) };
  });

describe("a written .pth file", () => {
  test("is read with every bit, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme", maxLength: 12 }), anyTensor), {
          selector: ([name]) => name,
          maxLength: 6,
        }),
        fc.array(fc.nat(65_536), { maxLength: 9 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }),
        async (list, cfg, bestAccuracy, metadata) => {
          const tensors = new Map(list);
          const bytes = Buffer.concat(encodePth({ tensors, cfg, bestAccuracy, metadata }));
          const read = await parsePth(bytes, "x.pth");
          expect(plain(read.tensors)).toEqual(plain(tensors));
          expect(read.cfg).toEqual(cfg);
          expect(read.bestAccuracy).toBe(bestAccuracy);
          expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });

  test("has the same bytes every time", () => {
    const file = {
      tensors: new Map([["a", float32Tensor([1], Float32Array.of(1))]]),
      metadata: {},
    };
    expect(Buffer.concat(encodePth(file)).equals(Buffer.concat(encodePth(file)))).toBe(true);
  });

  test.each([
    [
      "bytes that do not fit the shape",
      { dtype: "F32", shape: [2], data: new Uint8Array(4) },
      /takes 8 bytes, not 4/,
    ],
    [
      "a dtype that PyTorch's files do not have",
      { dtype: "U16", shape: [1], data: new Uint8Array(2) },
      /no storage type for U16/,
    ],
  ] as [string, StoredTensor, RegExp][])("is refused with %s", (_, tensor, message) => {
    expect(() => encodePth({ tensors: new Map([["a", tensor]]), metadata: {} })).toThrow(message);
  });
});
