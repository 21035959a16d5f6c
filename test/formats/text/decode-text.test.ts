import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../../src/formats/text/decode-text.js";

const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const TEXT = "about: café 网络 \u{1f600} �\n";

describe("a text is read", () => {
  test.each([
    ["in UTF-8", Buffer.from(TEXT), TEXT],
    ["in UTF-8 with a byte order mark", Buffer.from(`\ufeff${TEXT}`), `\ufeff${TEXT}`],
    ["in UTF-16LE", Buffer.from(TEXT, "utf16le"), TEXT],
    ["in UTF-16LE with a mark", Buffer.from(`\ufeff${TEXT}`, "utf16le"), `\ufeff${TEXT}`],
    ["in UTF-16BE", swapped(TEXT), TEXT],
    ["in UTF-16BE with a mark", swapped(`\ufeff${TEXT}`), `\ufeff${TEXT}`],
    ["that is empty", Buffer.alloc(0), ""],
    ["of one character", Buffer.from("a"), "a"],
  ])("%s", (_, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ kind: "text", text });
  });

  test("in UTF-8 and UTF-16, whatever follows its first character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (rest) => {
        const text = `a${rest}`;
        if (rest.startsWith("\0")) return;
        for (const bytes of [Buffer.from(text), Buffer.from(text, "utf16le"), swapped(text)])
          expect(decodeText(bytes)).toEqual({ kind: "text", text });
      }),
    );
  });
});

describe("another encoding is named, after the text that could be decoded", () => {
  const utf32 = (codes: number[]): Buffer => Buffer.from(Uint32Array.from(codes).buffer);
  test.each([
    ["Latin-1", Buffer.from("a: 1\nb: café\n", "latin1"), "a: 1\nb: caf", "looks like Latin-1."],
    ["Windows-1252", Buffer.from("a: \x93x\x94\n", "latin1"), "a: ", "looks like Windows-1252."],
    ["GBK", Buffer.from([0x61, 0x3a, 0x20, 0xcd, 0xf8, 0xc2, 0xe7]), "a: ", "looks like GBK."],
    ["UTF-32LE", utf32([0x61, 0x3a]), "", "looks like UTF-32."],
    ["UTF-32LE with a mark", utf32([0xfeff, 0x61]), "", "looks like UTF-32."],
    ["UTF-32BE", utf32([0x61, 0x3a]).swap32(), "", "looks like UTF-32."],
    ["cut UTF-16LE", Buffer.from("a\0b\0c", "latin1"), "ab", "UTF-16LE, but is damaged here."],
    ["UTF-16BE with half a pair", swapped("a\ud83d b"), "a", "UTF-16BE, but is damaged here."],
    ["cut UTF-8", Buffer.from("é: \xc3", "latin1"), "", "looks like Latin-1."],
    ["cut UTF-8", Buffer.from("é: é").subarray(0, 5), "é: ", "a UTF-8 character is damaged here."],
  ])("%s", (_, bytes, before, reason) => {
    const decoded = decodeText(bytes);
    expect(decoded).toMatchObject({ kind: "unreadable", before });
    expect(decoded.kind === "unreadable" && decoded.reason).toContain(reason);
  });
});
