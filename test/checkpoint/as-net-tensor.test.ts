import { describe, expect, test } from "vitest";
import { asNetTensor } from "../../src/checkpoint/tensors/as-net-tensor.js";
import type { StoredTensor } from "../../src/formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../src/formats/safetensors/tensor-values.js";
import { floats } from "../formats/torch/torch-file.js";

const numbers = (tensor: StoredTensor): number[] => Array.from(numbersOf(tensor) ?? []);

describe("tensors of every dtype are converted for a net", () => {
  const bits = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
  test.each([
    ["F16", bits(0x3c00, 0xc000, 0x0001, 0x7bff), [1, -2, 2 ** -24, 65504]],
    ["F16", bits(0x7c00, 0xfc00, 0x8000), [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]],
    ["F16", bits(0x7e00), [Number.NaN]],
    ["BF16", bits(0x3f80, 0xc000, 0x7f80), [1, -2, Number.POSITIVE_INFINITY]],
    [
      "F64",
      new Uint8Array(Float64Array.of(0.1, 1e300).buffer),
      [Math.fround(0.1), Number.POSITIVE_INFINITY],
    ],
    ["I32", new Uint8Array(Int32Array.of(-7).buffer), [-7]],
    ["U8", Uint8Array.of(200), [200]],
    ["I64", new Uint8Array(BigInt64Array.of(-7n).buffer), [-7]],
  ] as const)("%s to float32", (dtype, data, expected) => {
    const tensor = asNetTensor("a.weight", { dtype, shape: [expected.length], data });
    expect(tensor.dtype).toBe("F32");
    expect(numbers(tensor)).toEqual(expected);
  });

  test("counters to int64, and only integers", () => {
    const counter = (value: number): StoredTensor => ({
      dtype: "F32",
      shape: [],
      data: floats(value),
    });
    const name = "dorefa.1.num_batches_tracked";
    expect(asNetTensor(name, counter(7))).toMatchObject({ dtype: "I64" });
    expect(() => asNetTensor(name, counter(0.5))).toThrow(/it counts batches/);
  });

  test("but not those without plain numbers, and not those that already fit", () => {
    const mask: StoredTensor = { dtype: "BOOL", shape: [1], data: Uint8Array.of(1) };
    expect(asNetTensor("mask", mask)).toBe(mask);
    const weight: StoredTensor = { dtype: "F32", shape: [1], data: floats(1) };
    expect(asNetTensor("weight", weight)).toBe(weight);
  });
});
