import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { parseTflite } from "../../../src/formats/tflite/read-tflite.js";
import { importTflite } from "../../../src/import/tflite/import-tflite.js";

const fixture = (name: string) =>
  readFileSync(new URL(`../../import/keras/fixtures/${name}`, import.meta.url));

const whole = fixture("nested.tflite");

const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
};

test("operators, options and constants are read", () => {
  const { operators, tensors } = parseTflite(whole, "net.tflite");
  expect(operators.map(({ op }) => op)).toEqual([
    ...["CONV_2D", "CONV_2D", "CONV_2D", "ADD", "CONV_2D", "SHAPE", "STRIDED_SLICE"],
    ...["PACK", "RESHAPE", "FULLY_CONNECTED"],
  ]);
  expect(operators[1]?.options).toMatchObject({ strideRows: 1, dilationRows: 1, fused: 1 });
  const kernels = operators.map(({ inputs }) => tensors[inputs[1] ?? -1]?.constant?.shape);
  expect(kernels.slice(0, 3)).toEqual([
    [4, 1, 1, 3],
    [4, 3, 3, 4],
    [4, 3, 3, 4],
  ]);
});

describe("a damaged file is refused", () => {
  const refused = (bytes: Uint8Array) => {
    try {
      importTflite(parseTflite(bytes, "net.tflite"), "net.tflite");
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test("wherever it ends", () => {
    for (let length = 8; length < whole.length - 16; length += 61)
      expect(refused(whole.subarray(0, length)), `${length} bytes`).toBeInstanceOf(QpruneError);
  });

  test("with a table, a vector or a text beyond its end", () => {
    expect(refused(changed((bytes) => bytes.writeUInt32LE(0x7fffffff, 0)))).toMatchObject({
      message: expect.stringMatching(/refers to byte/),
    });
    const root = whole.readUInt32LE(0);
    const fields = root - whole.readInt32LE(root);
    const buffers = root + whole.readUInt16LE(fields + 4 + 2 * 4);
    const vector = buffers + whole.readUInt32LE(buffers);
    for (const length of [0xffffffff, 199_999])
      expect(refused(changed((bytes) => bytes.writeUInt32LE(length, vector)))).toMatchObject({
        message: expect.stringMatching(/a list of|refers to byte/),
      });
  });
});
