import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { crc32 } from "../../../src/formats/zip/crc32.js";
import { encodePng } from "../../../src/report/charts/encode-png.js";

test("a PNG has the sizes, the sums and the pixels that were given", () => {
  const pixels = Uint8Array.from({ length: 2 * 3 * 3 }, (_, at) => 10 * at);
  const png = Buffer.from(encodePng(pixels, 3, 2));
  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)));
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, end));
    at = end + 4;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
  expect([...(chunks.get("IHDR") ?? [])]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
  const rows = inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0));
  expect([...rows]).toEqual([0, ...pixels.subarray(0, 9), 0, ...pixels.subarray(9)]);
});
