import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  hashNativeSources,
  nativeSourceFiles,
} from "../../../src/engine/setup/compile/native-sources.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qprune-sources-"));
  mkdirSync(join(folder, "inner"));
  for (const path of ["b.cc", "a.h", "inner/a.cc", "inner/c.h"]) {
    writeFileSync(join(folder, path), path);
  }
  writeFileSync(join(folder, "notes.md"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hash = (): string => hashNativeSources(["-O3"], folder);

test("the sources to compile are found in folders below, in a fixed order", () => {
  expect(nativeSourceFiles(folder)).toEqual([join(folder, "b.cc"), join(folder, "inner", "a.cc")]);
});

test.each(["b.cc", "a.h", "inner/a.cc", "inner/c.h"])("the hash depends on %s", (path) => {
  const before = hash();
  writeFileSync(join(folder, path), "changed");
  expect(hash()).not.toBe(before);
});

test("the hash depends on where a file is", () => {
  const before = hash();
  renameSync(join(folder, "inner/c.h"), join(folder, "c.h"));
  expect(hash()).not.toBe(before);
});

test("the hash depends on the recipe and on no other file", () => {
  const before = hash();
  writeFileSync(join(folder, "notes.md"), "changed");
  expect(hash()).toBe(before);
  expect(hashNativeSources(["-O2"], folder)).not.toBe(before);
});
