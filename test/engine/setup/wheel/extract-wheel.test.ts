import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { extractWheel } from "../../../../src/engine/setup/wheel/extract-wheel.js";
import { temporaryFolder } from "../temporary-machine.js";
import { type ZipEntry, zipFile } from "../zip-file.js";

const LIBRARY: ZipEntry = { name: "tensorflow/libtensorflow_cc.so.2", content: "library" };
const HEADER: ZipEntry = { name: "tensorflow/include/tensorflow/c/c_api.h", content: "header" };

const extract = async (entries: readonly ZipEntry[] | Buffer) => {
  const outer = temporaryFolder();
  const folder = join(outer, "target");
  const wheelFile = join(outer, "file.whl");
  writeFileSync(wheelFile, Buffer.isBuffer(entries) ? entries : zipFile(entries as ZipEntry[]));
  const seen: [number, number][] = [];
  await extractWheel({
    wheelFile,
    folder,
    libraries: ["libtensorflow_cc.so.2"],
    onProgress: (done, total) => seen.push([done, total]),
  });
  return { folder, outer, seen };
};

describe("unpacking a wheel", () => {
  test("takes the libraries and the headers, and nothing else", async () => {
    const other = { name: "tensorflow/python/big.so", content: "no" };
    const { folder, seen } = await extract([LIBRARY, other, HEADER]);
    expect(readFileSync(join(folder, "libtensorflow_cc.so.2"), "utf8")).toBe("library");
    expect(readFileSync(join(folder, "include/tensorflow/c/c_api.h"), "utf8")).toBe("header");
    expect(existsSync(join(folder, "python"))).toBe(false);
    expect(seen.at(-1)).toEqual([13, 13]);
  });

  test.each([
    "tensorflow/include/tensorflow/c/../../../../outside.h",
    "tensorflow/include/tensorflow/c/./c_api.h",
    "tensorflow/include/tensorflow/c//c_api.h",
    "tensorflow/include/tensorflow/c/a\\b.h",
    "tensorflow/include/tensorflow/c/a\nb.h",
  ])("refuses an entry named %j and writes nothing", async (name) => {
    const outer = temporaryFolder();
    const wheelFile = join(outer, "file.whl");
    writeFileSync(wheelFile, zipFile([LIBRARY, { name, content: "x" }]));
    const folder = join(outer, "target");
    const libraries = ["libtensorflow_cc.so.2"];
    await expect(
      extractWheel({ wheelFile, folder, libraries, onProgress: () => {} }),
    ).rejects.toThrow("cannot be unpacked");
    expect(readdirSync(outer)).toEqual(["file.whl"]);
  });

  test("refuses an entry that claims more than any library has", async () => {
    const huge = { ...LIBRARY, claimedBytes: 1.6e9 };
    await expect(extract([huge])).rejects.toThrow("claims 1600000000 bytes");
  });

  test("refuses a wheel without the library", async () => {
    await expect(extract([HEADER])).rejects.toThrow("has no tensorflow/libtensorflow_cc.so.2");
  });

  test("refuses what is no zip archive", async () => {
    await expect(extract(Buffer.from("no archive"))).rejects.toThrow("cannot be unpacked");
  });
});
