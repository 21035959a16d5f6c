import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import type { PickleDialect } from "../../../src/formats/pickle/pickle-dialect.js";
import { latin1Encode, orderedDict } from "../../../src/formats/pickle/python-globals.js";
import { readPickle } from "../../../src/formats/pickle/read-pickle.js";
import { join, type PicklePart, pickleBytes, text, uint32 } from "./pickle-bytes.js";

const refuse = (reason: string): QpruneError => new QpruneError(reason);
const MAX_BYTES = 20_000_000;
const dialect: PickleDialect<never> = {
  purpose: "test",
  globals: new Map([
    ["collections.OrderedDict", orderedDict<never>(refuse)],
    ["_codecs.encode", latin1Encode<never>(refuse, MAX_BYTES)],
    ["some.Name", {}],
  ]),
  refuse,
  maxBytes: MAX_BYTES,
};

const readValue = (...parts: readonly PicklePart[]): unknown =>
  readPickle(pickleBytes(...parts), 0, dialect).value;

const refusal = (bytes: Uint8Array): string => {
  try {
    readPickle(bytes, 0, dialect);
  } catch (error) {
    if (error instanceof QpruneError) return error.message;
    throw error;
  }
  throw new Error("was accepted");
};

const ORDERED_DICT = "ccollections\nOrderedDict\n";

describe("a pickle of plain data yields", () => {
  test.each([
    ["None", "N", null],
    ["a truth", 0x88, true],
    ["a byte", join("K", 255), 255],
    ["two bytes", join("M", 1, 2), 513],
    ["a negative number", join("J", 255, 255, 255, 255), -1],
    ["a short long", join(0x8a, 1, 0x80), -128],
    ["a long without bytes", join(0x8a, 0), 0],
    ["a long beyond 2^53", join(0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x40), 2n ** 62n],
    ["a float", join("G", 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18), Math.PI],
    ["a text", text("größe"), "größe"],
    ["a short string of protocol 4", join(0x8c, 1, "a"), "a"],
    ["bytes", join("C", 2, 0xff, 0), Uint8Array.of(255, 0)],
    ["a string of Python 2", join("U", 1, "a"), Uint8Array.of(97)],
    ["a list", join("](K", 1, "K", 2, "e"), [1, 2]],
    ["a list, item by item", join("]K", 1, "a"), [1]],
    ["a value loaded from the memo", join("]q", 0, "h", 0, "a"), expect.anything()],
    ["nothing for the frames of protocol 4", join(0x95, new Uint8Array(8), "N"), null],
    [
      "bytes that Python 3 wrote as text",
      join("c_codecs\nencode\n", text("\u00ff"), text("latin1"), 0x86, "R"),
      Uint8Array.of(255),
    ],
  ] as [string, string | number | Uint8Array, unknown][])("%s", (_, part, expected) => {
    expect(readValue(part)).toEqual(expected);
  });

  test("tuples of every length", () => {
    const items = (count: number) => Array.from({ length: count }, () => "N");
    const lengths = [")", "N\x85", "NN\x86", "NNN\x87", `(${items(5).join("")}t`];
    expect(lengths.map((each) => (readValue(each) as { items: unknown[] }).items.length)).toEqual([
      0, 1, 2, 3, 5,
    ]);
  });

  test("dicts in order, with numbers and strings of both Python versions as keys", () => {
    const parts = join("}(", text("z"), "K", 1, "U", 1, "a", "K", 2, "K", 0, "K", 3, "u");
    const { entries } = readValue(parts) as { entries: Map<unknown, unknown> };
    expect([...entries]).toEqual([
      ["z", 1],
      ["a", 2],
      [0, 3],
    ]);
  });

  test("OrderedDicts, filled item by item or created from pairs, ignoring their attributes", () => {
    const filled = join(ORDERED_DICT, ")R(", text("a"), "K", 1, "u", "}b");
    const paired = join(ORDERED_DICT, "](](", text("a"), "K", 1, "ee\x85R");
    for (const parts of [filled, paired]) {
      const { entries } = readValue(parts) as { entries: Map<unknown, unknown> };
      expect([...entries]).toEqual([["a", 1]]);
    }
  });

  test("the index of the byte after it", () => {
    const bytes = join(pickleBytes("N"), pickleBytes("K", 7));
    const first = readPickle(bytes, 0, dialect);
    expect(readPickle(bytes, first.end, dialect).value).toBe(7);
  });
});

describe("a pickle is refused that", () => {
  test.each([
    ["refers to a function", "cposix\nsystem\n", /refers to posix\.system, which no test needs/],
    ["refers to one on the stack", join(text("os"), text("system"), 0x93), /refers to os\.system/],
    ["refers to a name with control characters", "ca\x1b\nb\n", /refers to "a\\u001b\.b"/],
    ["refers to an endless name", join("c", "x".repeat(1000)), /more than 256 characters/],
    ["refers to numbers", join("K", 1, "K", 2, 0x93), /without a valid name/],
    ["calls a plain value", "N)R", /calls a plain value/],
    [
      "calls a global that cannot be called",
      "csome\nName\n)R",
      /calls some\.Name, which no test does/,
    ],
    ["calls without a tuple", `${ORDERED_DICT}]R`, /calls a plain value/],
    ["creates an object", "csome\nName\n)\x81", /opcode NEWOBJ, which no test needs/],
    ["creates an instance", "(isome\nName\n", /opcode INST/],
    ["has an extension", join(0x82, 1), /opcode EXT1/],
    ["has an opcode that does not exist", join(0xee), /opcode 0xee/],
    ["duplicates", "N2", /opcode DUP/],
    ["sets the state of a list", "]}b", /sets the state/],
    ["sets the state of a tuple", ")}b", /sets the state/],
    ["sets a state that is not a dict", `${ORDERED_DICT})R)b`, /sets the state/],
    ["refers to data outside", "NQ", /data outside itself/],
    ["pops from an empty stack", "a", /pops from an empty stack/],
    ["pops below a mark", "](a", /pops from an empty stack/],
    ["ends without a value", "", /pops from an empty stack/],
    ["ends a container that it did not begin", "t", /did not begin/],
    ["appends to a tuple", ")Na", /not a list/],
    ["appends to a dict", "}Na", /not a list/],
    ["sets an item of a list", "]NNs", /not a dict/],
    ["sets a key without a value", "}(Nu", /no value/],
    ["has a key twice", join("}(", text("a"), "N", text("a"), "Nu"), /the key "a" twice/],
    ["loads a value that it did not memoize", join("h", 9), /did not memoize/],
    ["has a string that is not UTF-8", join("X", uint32(1), 0xff), /not UTF-8/],
    [
      "encodes in another encoding",
      join("c_codecs\nencode\n", text("a"), text("rot13"), 0x86, "R"),
      /Latin-1/,
    ],
    [
      "encodes characters outside Latin-1",
      join("c_codecs\nencode\n", text("€"), text("latin1"), 0x86, "R"),
      /Latin-1/,
    ],
    ["declares a string longer than itself", join("X", uint32(2 ** 32 - 1)), /ends early/],
    ["declares bytes longer than itself", join("B", uint32(2 ** 31)), /ends early/],
  ] as [string, string | Uint8Array, RegExp][])("%s", (_, part, reason) => {
    expect(refusal(pickleBytes(part))).toMatch(reason);
  });

  test("does not begin like one, or has another protocol", () => {
    expect(refusal(Uint8Array.of(0x4e, 0x2e))).toMatch(/no pickle/);
    for (const protocol of [0, 1, 5, 255]) {
      expect(refusal(Uint8Array.of(0x80, protocol, 0x4e, 0x2e))).toMatch(`protocol ${protocol}`);
    }
  });

  test("is cut off anywhere", () => {
    const whole = pickleBytes(ORDERED_DICT, ")R(", text("a"), "K", 1, "u");
    for (let end = 0; end < whole.length; end++) {
      expect(refusal(whole.subarray(0, end))).toMatch(/ends early|characters/);
    }
  });
});

describe("a pickle that needs excessive memory is refused quickly and with little memory", () => {
  const many = (count: number, unit: string): string => unit.repeat(count);

  test.each([
    ["values on the stack", many(200_000, "N"), /puts more than 100000/],
    ["marks", many(200_000, "("), /puts more than 100000/],
    ["dicts", `](${many(5000, "}".repeat(100))}`, /on the stack/],
    ["dicts in a list", `]${many(600_000, "}a")}`, /more than 500000 objects/],
    ["strings in a list", `]${many(600_000, "X\x01\0\0\0aa")}`, /more than 500000 objects/],
    ["bytes in a list", `]${many(600_000, "U\0a")}`, /more than 500000 objects/],
    [
      "big integers in a list",
      `]${many(600_000, "\x8a\x08\0\0\0\0\0\0\0\x40a")}`,
      /more than 500000/,
    ],
    ["frames", many(2_500_000, "\x95\0\0\0\0\0\0\0\0"), /more than 20000000 bytes/],
  ] as [string, string, RegExp][])("too many %s", (_, parts, reason) => {
    expect(refusal(pickleBytes(parts))).toMatch(reason);
  });

  test("too many memoized values", () => {
    const puts = Buffer.concat(Array.from({ length: 500_002 }, (_, at) => join("r", uint32(at))));
    expect(refusal(pickleBytes("N", puts))).toMatch(/memoizes more than 500000/);
  });

  test("a list of pairs from which dicts are created repeatedly", () => {
    const pairs = Array.from({ length: 1000 }, (_, at) => join("](", text(`${at}`), "Ne"));
    const list = join("](", ...pairs, "eq", 0);
    const again = join(ORDERED_DICT, "h", 0, 0x85, "R", "a");
    const bytes = pickleBytes("](", list, "e", ...Array.from({ length: 2000 }, () => again));
    expect(refusal(bytes)).toMatch(/more than 500000 objects/);
  });

  test("a string that is encoded repeatedly", () => {
    const long = join(
      "c_codecs\nencode\nq",
      0,
      text("x".repeat(1_000_000)),
      "q",
      1,
      text("latin1"),
      0x86,
      "R",
    );
    const again = join("h", 0, "h", 1, text("latin1"), 0x86, "Ra");
    const bytes = pickleBytes("](", long, "e", ...Array.from({ length: 1000 }, () => again));
    expect(refusal(bytes)).toMatch(/encodes more than 20000000/);
  });

  test("lists that contain themselves are read without recursion", () => {
    const depth = join(...Array.from({ length: 50_000 }, () => "]"), "a".repeat(49_999));
    expect(Array.isArray(readValue(depth))).toBe(true);
  });
});
