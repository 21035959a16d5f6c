import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readJsonFile } from "../../../src/workflows/nets/read-json-file.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-json-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (bytes: Buffer): string => {
  const path = join(folder, "net.json");
  writeFileSync(path, bytes);
  return path;
};

test("a description may be in UTF-8 or UTF-16, with or without a byte order mark", async () => {
  const value = { name: "café 网络" };
  for (const mark of ["", "\ufeff"]) {
    const text = `${mark}${JSON.stringify(value)}`;
    const utf16 = Buffer.from(text, "utf16le");
    for (const bytes of [Buffer.from(text), utf16, Buffer.from(utf16).swap16()])
      expect(await readJsonFile(put(bytes))).toEqual(value);
  }
});

test("a description in another encoding is refused with the encoding and the line", async () => {
  const path = put(Buffer.from('{\n  "name": "café"\n}\n', "latin1"));
  await expect(readJsonFile(path)).rejects.toThrow(
    "net.json, line 2: this is not UTF-8; it looks like Latin-1.",
  );
});
