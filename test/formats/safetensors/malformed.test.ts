import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { encodeSafetensors } from "../../../src/formats/safetensors/encode-safetensors.js";
import { readHeaderLength } from "../../../src/formats/safetensors/header.js";
import { parseSafetensors } from "../../../src/formats/safetensors/parse-safetensors.js";
import { float32Tensor, int64Tensor } from "../../../src/formats/safetensors/tensor-values.js";

/** A file with any header text and any number of data bytes. */
const fileOf = (header: string | Uint8Array, dataBytes: number, claimed?: bigint): Uint8Array => {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};

const entry = (shape: string, begin: unknown, end: unknown, dtype = '"F32"'): string =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`;

const refusal = (bytes: Uint8Array): QpruneError => {
  try {
    parseSafetensors(bytes, "model.safetensors");
  } catch (error) {
    if (error instanceof QpruneError) return error;
    throw error;
  }
  throw new Error("was accepted");
};

describe("parseSafetensors refuses", () => {
  it.each([
    ["no bytes at all", new Uint8Array(0), /0 bytes/],
    ["seven bytes", new Uint8Array(7), /7 bytes/],
    ["a header longer than the file", fileOf("{}", 0, 3n), /header would have 3 bytes/],
    ["a header length of 2^64-1", fileOf("{}", 0, 2n ** 64n - 1n), /limit/],
    ["an empty header", fileOf("", 0), /not JSON/],
    ["a header that is not UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d), 0), /not JSON/],
    ["a header with a byte order mark", fileOf("\ufeff{}", 0), /not JSON/],
    ["a header that is not JSON", fileOf("{,}", 0), /not JSON/],
    ["a header that is an array", fileOf("[]", 0), /not a JSON object/],
    ["a header that is null", fileOf("null", 0), /not a JSON object/],
    ["a header that is a number", fileOf("1", 0), /not a JSON object/],
    ["deeply nested brackets", fileOf(`{"a":${"[".repeat(100_000)}`, 0), /not JSON/],
    [
      "an entry that is nested deeply",
      fileOf(`{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`, 0),
      /"a"/,
    ],
    [
      "a name twice",
      fileOf(`{"a":${entry("[0]", 0, 0)},"a":${entry("[0]", 0, 0)}}`, 0),
      /"a" twice/,
    ],
    [
      "a name twice, once escaped",
      fileOf(`{"a":${entry("[0]", 0, 0)},"\\u0061" :${entry("[0]", 0, 0)}}`, 0),
      /"a" twice/,
    ],
    [
      "a dtype twice in an entry",
      fileOf('{"a":{"dtype":"F32","dtype":"I32","shape":[0],"data_offsets":[0,0]}}', 0),
      /"dtype" twice/,
    ],
    ["a metadata key twice", fileOf('{"__metadata__":{"k":"1","k":"2"}}', 0), /"k" twice/],
    ["metadata that are not strings", fileOf('{"__metadata__":{"epoch":1}}', 0), /metadata/],
    ["metadata that are not an object", fileOf('{"__metadata__":"x"}', 0), /metadata/],
    ["an entry that is not an object", fileOf('{"a":1}', 0), /"a"/],
    ["an entry without a shape", fileOf('{"a":{"dtype":"F32","data_offsets":[0,0]}}', 0), /shape/],
    ["an unknown dtype", fileOf(`{"a":${entry("[1]", 0, 4, '"F31"')}}`, 4), /dtype/],
    [
      "a dtype that is a property of every object",
      fileOf(`{"a":${entry("[1]", 0, 4, '"toString"')}}`, 4),
      /dtype/,
    ],
    ["a negative side", fileOf(`{"a":${entry("[-1,-1]", 0, 4)}}`, 4), /shape/],
    ["half an element", fileOf(`{"a":${entry("[0.5]", 0, 2)}}`, 2), /shape/],
    ["a side of 1e300", fileOf(`{"a":${entry("[1e300]", 0, 4)}}`, 4), /shape/],
    [
      "a shape whose product overflows",
      fileOf(`{"a":${entry("[4294967296,4294967296]", 0, 0)}}`, 0),
      /too many/,
    ],
    [
      "an overflow hidden by a zero",
      fileOf(`{"a":${entry("[4294967296,4294967296,0]", 0, 0)}}`, 0),
      /too many/,
    ],
    ["65 dimensions", fileOf(`{"a":${entry(`[${Array(65).fill(1)}]`, 0, 4)}}`, 4), /shape/],
    [
      "a shape that needs more bytes than it has",
      fileOf(`{"a":${entry("[2]", 0, 4)}}`, 4),
      /needs 8 bytes/,
    ],
    ["an end before the beginning", fileOf(`{"a":${entry("[1]", 4, 0)}}`, 4), /at bytes 4 to 0/],
    ["a negative offset", fileOf(`{"a":${entry("[1]", -4, 0)}}`, 4), /data_offsets/],
    ["three offsets", fileOf(`{"a":${entry("[1]", 0, "4,8")}}`, 8), /data_offsets/],
    ["data beyond the end", fileOf(`{"a":${entry("[2]", 0, 8)}}`, 7), /data ends at 7/],
    ["a gap at the start", fileOf(`{"a":${entry("[1]", 4, 8)}}`, 8), /0 was expected/],
    [
      "a gap between tensors",
      fileOf(`{"a":${entry("[1]", 0, 4)},"b":${entry("[1]", 8, 12)}}`, 12),
      /4 was expected/,
    ],
    [
      "tensors that overlap",
      fileOf(`{"a":${entry("[2]", 0, 8)},"b":${entry("[2]", 4, 12)}}`, 12),
      /8 was expected/,
    ],
    [
      "the same bytes twice",
      fileOf(`{"a":${entry("[1]", 0, 4)},"b":${entry("[1]", 0, 4)}}`, 4),
      /4 was expected/,
    ],
    ["bytes after the last tensor", fileOf(`{"a":${entry("[1]", 0, 4)}}`, 5), /cover 4 of 5/],
    ["data without a tensor", fileOf("{}", 1), /cover 0 of 1/],
    ["a name beyond the limit", fileOf(`{"${"n".repeat(1025)}":${entry("[0]", 0, 0)}}`, 0), /1025/],
  ])("%s", (_, bytes, reason) => {
    const error = refusal(bytes);
    expect(error.message).toMatch(/^model\.safetensors is not a valid safetensors file: /);
    expect(error.message).toMatch(reason);
    expect(error.hint).toBeDefined();
  });

  it("more tensors than the limit", () => {
    const entries = Array.from(
      { length: 100_001 },
      (_, index) => `"${index}":${entry("[0]", 0, 0)}`,
    );
    expect(refusal(fileOf(`{${entries.join(",")}}`, 0)).message).toMatch(/100001 tensors/);
  });

  it("metadata beyond the limit", () => {
    const header = `{"__metadata__":{"k":"${"x".repeat(16_000_000)}"}}`;
    expect(refusal(fileOf(header, 0)).message).toMatch(/metadata/);
  });

  it("a header beyond the limit, before reading it", () => {
    const start = new Uint8Array(8);
    new DataView(start.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => readHeaderLength(start, 10 ** 12, "x")).toThrow(QpruneError);
  });
});

describe("parseSafetensors accepts", () => {
  it("spaces around the header's tokens and unknown members of an entry", () => {
    const header = `{ "a" : {"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":[{"x":1}]} }   `;
    expect(parseSafetensors(fileOf(header, 4), "x").tensors.get("a")?.shape).toEqual([1]);
  });

  it("names of properties that every object has", () => {
    const header = `{"__proto__":${entry("[1]", 0, 4)},"constructor":${entry("[1]", 4, 8)}}`;
    const { tensors } = parseSafetensors(fileOf(header, 8), "x");
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
  });

  it("bytes at any offset of their buffer", () => {
    const bytes = fileOf(`{"a":${entry("[1]", 0, 4)}}`, 4);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(parseSafetensors(shifted.subarray(3), "x").tensors.get("a")?.data.length).toBe(4);
  });
});

describe("parseSafetensors of damaged bytes", () => {
  const whole = Buffer.concat(
    encodeSafetensors(
      new Map([
        ["conv.weight", float32Tensor([2, 3], new Float32Array(6).fill(0.5))],
        ["bn.num_batches_tracked", int64Tensor([], [7])],
      ]),
      { arch: "nin", cfg: "192,160" },
    ),
  );

  const parsesOrRefuses = (bytes: Uint8Array): void => {
    try {
      for (const { data } of parseSafetensors(bytes, "x").tensors.values()) {
        expect(data.length).toBeLessThanOrEqual(bytes.length);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(QpruneError);
    }
  };

  it("yields a valid result or a QpruneError, whatever bytes are changed", () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = new Uint8Array(whole);
        for (const [at, value] of changes) bytes[at] = value;
        parsesOrRefuses(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  it("yields a QpruneError wherever the file is cut off", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseSafetensors(whole.subarray(0, length), "x")).toThrow(QpruneError);
    }
  });

  it("yields a valid result or a QpruneError for any header with its tokens rearranged", () => {
    const word = fc.constantFrom(
      ...'{ } [ ] : , " \\ 0 1 -1 1e9 null true'.split(" "),
      '"a"',
      '"dtype"',
      '"F32"',
      '"shape"',
      '"data_offsets"',
      '"__metadata__"',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.nat(8), (words, dataBytes) =>
        parsesOrRefuses(fileOf(`{${words.join("")}}`, dataBytes)),
      ),
      { numRuns: 5000 },
    );
  });
});
