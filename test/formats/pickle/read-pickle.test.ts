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

describe("a pickle of plain data gives", () => {
  test.each([
    ["None", "N", null],
    ["a truth", 0x88, true],
    ["a byte", join("K", 255), 255],
    ["two bytes", join("M", 1, 2), 513],
    ["a negative number", join("J", 255, 255, 255, 255), -1],
    ["a short long", join(0x8a, 1, 0x80), -128],
    ["a long of no bytes", join(0x8a, 0), 0],
    ["a long past 2^53", join(0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x40), 2n ** 62n],
    ["a float", join("G", 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18), Math.PI],
    ["a text", text("größe"), "größe"],
    ["a short text of protocol 4", join(0x8c, 1, "a"), "a"],
    ["bytes", join("C", 2, 0xff, 0), Uint8Array.of(255, 0)],
    ["a string of Python 2", join("U", 1, "a"), Uint8Array.of(97)],
    ["a list", join("](K", 1, "K", 2, "e"), [1, 2]],
    ["a list, item by item", join("]K", 1, "a"), [1]],
    ["a value that is recalled", join("]q", 0, "h", 0, "a"), expect.anything()],
    ["nothing at the frames of protocol 4", join(0x95, new Uint8Array(8), "N"), null],
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

  test("dicts in their order, with keys of both Pythons and numbers", () => {
    const parts = join("}(", text("z"), "K", 1, "U", 1, "a", "K", 2, "K", 0, "K", 3, "u");
    const { entries } = readValue(parts) as { entries: Map<unknown, unknown> };
    expect([...entries]).toEqual([
      ["z", 1],
      ["a", 2],
      [0, 3],
    ]);
  });

  test("OrderedDicts, filled item by item or made of pairs, whatever attributes they carry", () => {
    const filled = join(ORDERED_DICT, ")R(", text("a"), "K", 1, "u", "}b");
    const paired = join(ORDERED_DICT, "](](", text("a"), "K", 1, "ee\x85R");
    for (const parts of [filled, paired]) {
      const { entries } = readValue(parts) as { entries: Map<unknown, unknown> };
      expect([...entries]).toEqual([["a", 1]]);
    }
  });

  test("the byte behind it", () => {
    const bytes = join(pickleBytes("N"), pickleBytes("K", 7));
    const first = readPickle(bytes, 0, dialect);
    expect(readPickle(bytes, first.end, dialect).value).toBe(7);
  });
});

describe("a pickle is refused that", () => {
  test.each([
    ["refers to a function", "cposix\nsystem\n", /refers to posix\.system, which no test needs/],
    ["refers to one by the stack", join(text("os"), text("system"), 0x93), /refers to os\.system/],
    ["refers to a name that is no name", "ca\x1b\nb\n", /refers to "a\\u001b\.b"/],
    ["refers to a name without end", join("c", "x".repeat(1000)), /more than 256 characters/],
    ["refers to numbers", join("K", 1, "K", 2, 0x93), /no name/],
    ["calls a plain value", "N)R", /calls a plain value/],
    ["calls a name without a call", "csome\nName\n)R", /calls some\.Name, which no test does/],
    ["calls without a tuple", `${ORDERED_DICT}]R`, /calls a plain value/],
    ["makes an object", "csome\nName\n)\x81", /opcode NEWOBJ, which no test needs/],
    ["makes an instance", "(isome\nName\n", /opcode INST/],
    ["has an extension", join(0x82, 1), /opcode EXT1/],
    ["has an opcode that does not exist", join(0xee), /opcode 0xee/],
    ["duplicates", "N2", /opcode DUP/],
    ["gives a state to a list", "]}b", /gives a state/],
    ["gives a state to a tuple", ")}b", /gives a state/],
    ["gives a state that is no dict", `${ORDERED_DICT})R)b`, /gives a state/],
    ["refers to data outside", "NQ", /data outside of it/],
    ["takes from an empty stack", "a", /where there is none/],
    ["takes from below a mark", "](a", /where there is none/],
    ["ends without a value", "", /where there is none/],
    ["closes what is not open", "t", /did not open/],
    ["appends to a tuple", ")Na", /what is no list/],
    ["appends to a dict", "}Na", /what is no list/],
    ["sets an item of a list", "]NNs", /what is no dict/],
    ["sets a key without a value", "}(Nu", /no value/],
    ["has a key twice", join("}(", text("a"), "N", text("a"), "Nu"), /the key "a" twice/],
    ["recalls what was not remembered", join("h", 9), /did not remember/],
    ["has a text that is not UTF-8", join("X", uint32(1), 0xff), /not UTF-8/],
    [
      "encodes in another way",
      join("c_codecs\nencode\n", text("a"), text("rot13"), 0x86, "R"),
      /Latin-1/,
    ],
    [
      "encodes what is not Latin-1",
      join("c_codecs\nencode\n", text("€"), text("latin1"), 0x86, "R"),
      /Latin-1/,
    ],
    ["claims a text longer than itself", join("X", uint32(2 ** 32 - 1)), /ends early/],
    ["claims bytes longer than itself", join("B", uint32(2 ** 31)), /ends early/],
  ] as [string, string | Uint8Array, RegExp][])("%s", (_, part, reason) => {
    expect(refusal(pickleBytes(part))).toMatch(reason);
  });

  test("does not begin as one, or has another protocol", () => {
    expect(refusal(Uint8Array.of(0x4e, 0x2e))).toMatch(/no pickle/);
    for (const protocol of [0, 1, 5, 255]) {
      expect(refusal(Uint8Array.of(0x80, protocol, 0x4e, 0x2e))).toMatch(`protocol ${protocol}`);
    }
  });

  test("ends anywhere before its end", () => {
    const whole = pickleBytes(ORDERED_DICT, ")R(", text("a"), "K", 1, "u");
    for (let end = 0; end < whole.length; end++) {
      expect(refusal(whole.subarray(0, end))).toMatch(/ends early|characters/);
    }
  });
});

describe("a pickle that asks for much is refused in little memory and time", () => {
  const many = (count: number, unit: string): string => unit.repeat(count);

  test.each([
    ["values on the stack", many(200_000, "N"), /stacks more than 100000/],
    ["marks", many(200_000, "("), /stacks more than 100000/],
    ["dicts", `](${many(5000, "}".repeat(100))}`, /stacks more/],
    ["dicts in a list", `]${many(600_000, "}a")}`, /more than 500000 objects/],
    ["texts in a list", `]${many(600_000, "X\x01\0\0\0aa")}`, /more than 500000 objects/],
    ["bytes in a list", `]${many(600_000, "U\0a")}`, /more than 500000 objects/],
    [
      "big numbers in a list",
      `]${many(600_000, "\x8a\x08\0\0\0\0\0\0\0\x40a")}`,
      /more than 500000/,
    ],
    ["frames", many(2_500_000, "\x95\0\0\0\0\0\0\0\0"), /more than 20000000 bytes/],
  ] as [string, string, RegExp][])("too many %s", (_, parts, reason) => {
    expect(refusal(pickleBytes(parts))).toMatch(reason);
  });

  test("too many remembered values", () => {
    const puts = Buffer.concat(Array.from({ length: 500_002 }, (_, at) => join("r", uint32(at))));
    expect(refusal(pickleBytes("N", puts))).toMatch(/remembers more than 500000/);
  });

  test("a list of pairs that is made a dict again and again", () => {
    const pairs = Array.from({ length: 1000 }, (_, at) => join("](", text(`${at}`), "Ne"));
    const list = join("](", ...pairs, "eq", 0);
    const again = join(ORDERED_DICT, "h", 0, 0x85, "R", "a");
    const bytes = pickleBytes("](", list, "e", ...Array.from({ length: 2000 }, () => again));
    expect(refusal(bytes)).toMatch(/more than 500000 objects/);
  });

  test("a text that is encoded again and again", () => {
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

  test("lists that hold themselves are read and go no deeper", () => {
    const depth = join(...Array.from({ length: 50_000 }, () => "]"), "a".repeat(49_999));
    expect(Array.isArray(readValue(depth))).toBe(true);
  });
});
