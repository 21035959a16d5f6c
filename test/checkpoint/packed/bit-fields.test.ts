import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fieldAt,
  fieldBytes,
  isPaddedWithZeros,
  packFields,
} from "../../../src/checkpoint/packed/bit-fields.js";

const bitsAndFields = fc
  .integer({ min: 1, max: 8 })
  .chain((bits) =>
    fc.tuple(fc.constant(bits), fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }))),
  );

describe("bit fields", () => {
  test("begin at the lowest bit and extend into the next byte", () => {
    expect([...packFields([5, 6, 7], 3)]).toEqual([0b11_110_101, 0b1]);
    expect([...packFields([0, 1, 2, 2, 1], 2)]).toEqual([0b10_10_01_00, 0b01]);
    expect([...packFields([1, 0, 0, 0, 0, 0, 0, 1, 1], 1)]).toEqual([0b1000_0001, 1]);
    expect([...packFields([3, 255], 8)]).toEqual([3, 255]);
  });

  test("of any width are restored, and take no more bytes than needed", () => {
    fc.assert(
      fc.property(bitsAndFields, ([bits, fields]) => {
        const bytes = packFields(fields, bits);
        expect(bytes).toHaveLength(Math.ceil((fields.length * bits) / 8));
        expect(bytes).toHaveLength(fieldBytes(fields.length, bits));
        expect(fields.map((_, at) => fieldAt(bytes, bits, at))).toEqual(fields);
        expect(isPaddedWithZeros(bytes, bits, fields.length)).toBe(true);
      }),
    );
  });

  test("with nonzero bits after the last one are recognized", () => {
    expect(isPaddedWithZeros(Uint8Array.of(0b0100), 2, 1)).toBe(false);
    expect(isPaddedWithZeros(Uint8Array.of(0b1111), 2, 2)).toBe(true);
    expect(isPaddedWithZeros(Uint8Array.of(255), 8, 1)).toBe(true);
    expect(isPaddedWithZeros(Uint8Array.of(255, 2), 3, 3)).toBe(false);
  });
});
