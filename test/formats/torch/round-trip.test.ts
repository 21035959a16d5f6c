import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { encodeStateFile } from "../../../src/checkpoint/encode-state-file.js";
import { readStateFile } from "../../../src/checkpoint/read-state-file.js";
import { encodeSafetensors } from "../../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../../src/formats/safetensors/read-safetensors.js";
import {
  DTYPE_BYTES,
  type StoredDtype,
  type StoredTensor,
} from "../../../src/formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../../src/formats/safetensors/tensor-values.js";
import { encodePth } from "../../../src/formats/torch/encode-pth.js";
import { parsePth } from "../../../src/formats/torch/read-pth.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-pth-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../reference/fixtures/${name}`, import.meta.url));

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

describe("what is written as .pth", () => {
  test("comes back with every bit, in its order", async () => {
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

  test("is the same bytes every time", () => {
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
      "a type that PyTorch's files do not have",
      { dtype: "U16", shape: [1], data: new Uint8Array(2) },
      /no storage of U16/,
    ],
  ] as [string, StoredTensor, RegExp][])("is refused with %s", (_, tensor, message) => {
    expect(() => encodePth({ tensors: new Map([["a", tensor]]), metadata: {} })).toThrow(message);
  });
});

describe("from one format to the other and back", () => {
  test.each(["model-init-wqaq-nin", "model-init-float-nin_gc"])(
    "%s keeps every bit",
    async (name) => {
      const { tensors } = await readSafetensors(fixture(`${name}.safetensors`));
      const state = new Map(
        [...tensors].flatMap(([key, tensor]) =>
          key.startsWith("state.") ? [[key.slice("state.".length), tensor] as const] : [],
        ),
      );
      const first = Buffer.concat(encodeSafetensors(state, {}));
      writeFileSync(at("net.pth"), Buffer.concat(encodePth({ tensors: state, metadata: {} })));
      const { format, ...file } = await readStateFile(at("net.pth"));
      expect(format).toBe("pth");
      expect(Buffer.concat(encodeStateFile("safetensors", file)).equals(first)).toBe(true);
      expect((await loadCheckpoint(at("net.pth"))).net.arch).toMatch(/^nin/);
    },
  );

  test("a best accuracy of the original's stays", async () => {
    const file = await readStateFile(fixture("pth/refine-nin-legacy.pth"));
    expect(file.bestAccuracy).toBe(88);
    writeFileSync(at("a.safetensors"), Buffer.concat(encodeStateFile("safetensors", file)));
    const safetensors = await readStateFile(at("a.safetensors"));
    expect([safetensors.format, safetensors.bestAccuracy]).toEqual(["safetensors", 88]);
    writeFileSync(at("a.pth"), Buffer.concat(encodeStateFile("pth", safetensors)));
    const back = await readStateFile(at("a.pth"));
    expect([back.bestAccuracy, back.metadata]).toEqual([88, {}]);
  });
});

describe("a file of a net is recognised by its bytes", () => {
  test("whatever its name says", async () => {
    writeFileSync(at("x.safetensors"), readFileSync(fixture("pth/pruned-nin.pth")));
    expect((await loadCheckpoint(at("x.safetensors"))).net.widths).toEqual([
      12, 20, 4, 13, 11, 8, 6, 13,
    ]);
    writeFileSync(at("x.pth"), readFileSync(fixture("model-init-wqaq-nin.safetensors")));
    expect((await readStateFile(at("x.pth"))).format).toBe("safetensors");
  });

  test("even where a safetensors file begins as a pickle does", async () => {
    const tensors = new Map([["a", float32Tensor([1], Float32Array.of(1))]]);
    // The header's length is 640 = 0x0280.
    const missing = 640 - (Buffer.concat(encodeSafetensors(tensors, { k: "" })).length - 12);
    const bytes = Buffer.concat(encodeSafetensors(tensors, { k: "x".repeat(missing) }));
    expect([...bytes.subarray(0, 2)]).toEqual([0x80, 0x02]);
    writeFileSync(at("y"), bytes);
    expect((await readStateFile(at("y"))).format).toBe("safetensors");
  });

  test.each([
    ["nothing", "", /neither a safetensors file nor a PyTorch checkpoint: it is an empty file/],
    ["something else", "not a checkpoint", /neither .*it is a text/],
  ])("and refused with %s in it", async (_, content, message) => {
    writeFileSync(at("junk.pth"), content);
    await expect(loadCheckpoint(at("junk.pth"))).rejects.toThrow(message);
  });

  test("and refused where its cfg is not that of its tensors", async () => {
    const { tensors } = await readStateFile(fixture("pth/pruned-nin.pth"));
    const cfg = [12, 20, 4, 13, 11, 8, 6, 14];
    writeFileSync(at("lie.pth"), Buffer.concat(encodePth({ tensors, cfg, metadata: {} })));
    await expect(loadCheckpoint(at("lie.pth"))).rejects.toThrow(
      /cfg says 12,20,4,13,11,8,6,14, but its tensors have the widths 12,20,4,13,11,8,6,13/,
    );
  });

  test("and DataParallel's names are the net's", async () => {
    const { state, bestAccuracy } = await loadCheckpoint(fixture("pth/module-prefix.pth"));
    expect([...state.keys()][0]).toBe("tnn_bin.0.weight");
    expect(bestAccuracy).toBe(77.7);
  });
});
