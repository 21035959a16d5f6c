import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packGridKernel, packInt8 } from "../../../src/checkpoint/packed/pack-kernel.js";
import { unpackKernel } from "../../../src/checkpoint/packed/packed-kernel.js";
import type { KernelGrid } from "../../../src/graph/model.js";
import { kernelValues } from "../../../src/quant/numbers/grid-kernel.js";
import { toQuantizedTensor } from "../../../src/quant/numbers/quantized-tensor.js";

const SIGNS = { kind: "sign" } as const;
const name = "net.weight";
const scaleValue = fc.float({ min: Math.fround(1e-6), max: 100, noNaN: true });

/** A quantized kernel of any grid: codes, a scale per filter, and the resulting weights. */
const gridKernel = fc
  .record({
    grid: fc.oneof(
      fc.constant<KernelGrid>(SIGNS),
      fc.integer({ min: 2, max: 8 }).map((bits): KernelGrid => ({ kind: "dorefa", bits })),
    ),
    filters: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 20 }),
    hasZeros: fc.boolean(),
  })
  .chain(({ grid, filters, size, hasZeros }) => {
    const least = grid.kind === "sign" ? -1 : 0;
    const most = grid.kind === "sign" ? 1 : 2 ** grid.bits - 1;
    const code = fc.integer({ min: least, max: most });
    const signed = hasZeros ? code : code.map((value) => value || 1);
    return fc.record({
      grid: fc.constant(grid),
      codes: fc
        .array(grid.kind === "sign" ? signed : code, {
          minLength: filters * size,
          maxLength: filters * size,
        })
        .map((codes) => Int16Array.from(codes)),
      scale: fc
        .array(fc.oneof(scaleValue, fc.constant(1)), { minLength: filters, maxLength: filters })
        .map((values) => Float32Array.from(values)),
    });
  });

describe("a quantized kernel", () => {
  test("of any grid is restored bit by bit", () => {
    fc.assert(
      fc.property(gridKernel, (kernel) => {
        const values = kernelValues(kernel);
        const filters = kernel.scale.length;
        const { grid, scale } = kernel;
        const shape = [filters, values.length / filters];
        const packed = packGridKernel(toQuantizedTensor(values, { shape, grid, scale }));
        const unpacked = unpackKernel(packed, values.length, filters);
        // Zero times a negative number is -0, which counts as 0.
        expect([...unpacked]).toEqual([...values].map((value) => value + 0));
      }),
    );
  });

  const signs = (weights: readonly number[]) =>
    packGridKernel(toQuantizedTensor(Float32Array.from(weights), { shape: [2, 2], grid: SIGNS }));

  test("takes one bit without zeros, and two with some", () => {
    expect(signs([0.5, -0.5, 2, 2])).toMatchObject({ grid: "binary", bits: 1 });
    expect(signs([0.5, -0.5, 0, 2])).toMatchObject({ grid: "ternary", bits: 2 });
  });

  test("takes one bit despite a filter of zeros, whose scale is 0", () => {
    const packed = signs([0.5, -0.5, 0, 0]);
    expect(packed).toMatchObject({ grid: "binary", scale: Float32Array.of(0.5, 0) });
    expect([...unpackKernel(packed, 4, 2)]).toEqual([0.5, -0.5, 0, 0]);
  });

  test("has no scales if all are 1", () => {
    expect(signs([1, -1, -1, 1]).scale).toBeNull();
    expect(signs([1, 0, 0, 0]).scale).toBeNull();
    expect(signs([1, -1, 2, -2]).scale).toEqual(Float32Array.of(1, 2));
  });
});

describe("int8", () => {
  test("changes no weight by more than half of its filter's scale, and the largest not at all", () => {
    const weights = fc.array(fc.float({ min: -10, max: 10, noNaN: true }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(weights, weights, (first, second) => {
        const values = Float32Array.from([...first, ...second]);
        const packed = packInt8(values, 2, name);
        const unpacked = unpackKernel(packed, values.length, 2);
        values.forEach((value, at) => {
          const scale = packed.scale?.[Math.floor(at / 4)] as number;
          // In addition to half a step, scale and product are each rounded to float32.
          const slack = Math.abs(value) * 2 ** -22 + 2 ** -140;
          expect(Math.abs(value - (unpacked[at] as number))).toBeLessThanOrEqual(scale / 2 + slack);
        });
      }),
    );
  });

  test("uses 127 for the largest weight of each filter, and never -128", () => {
    const packed = packInt8(Float32Array.of(-2, 1, 0, 0), 2, name);
    expect([...packed.codes]).toEqual([1, 128 + 64, 128, 128]);
    expect(packed.scale).toEqual(Float32Array.of(2 / 127, 0));
  });

  test("refuses weights that are not finite", () => {
    expect(() => packInt8(Float32Array.of(1, Number.NaN), 1, name)).toThrow(/weight 1 is NaN/);
  });
});
