import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { DIGITS_FOLDER } from "../../src/data/digits.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { readIdx } from "../../src/data/read-idx.js";
import { readRecipeText } from "../../src/recipes/reading/read-recipe-text.js";
import { readJsonFile } from "../../src/workflows/nets/read-json-file.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-other-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 30730000\n";
const PAGE = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n";
const KINDS = [
  ["a Git LFS pointer", POINTER, /git lfs pull/],
  ["an HTML page", PAGE, /browser/],
] as const;

const refusal = async (reading: Promise<unknown>): Promise<QpruneError> => {
  const error = await reading.then(
    () => new Error("was accepted"),
    (reason: unknown) => reason,
  );
  if (error instanceof QpruneError) return error;
  throw error;
};

describe.each(KINDS)("%s instead of", (what, content, hint) => {
  const check = async (reading: Promise<unknown>): Promise<void> => {
    const error = await refusal(reading);
    expect(error.message).toContain(what);
    expect(error.message).not.toMatch(/0x|[0-9a-f]{8}/);
    expect(error.hint).toMatch(hint);
  };
  const at = (...names: readonly string[]): string =>
    join(folder, what.replaceAll(" ", "-"), ...names);

  test.each([
    ["cifar-10-batches-bin", "test_batch.bin"],
    ["cifar-10-batches-py", "test_batch"],
  ])("a file of CIFAR-10 (%s)", async (name, file) => {
    mkdirSync(at(name, name), { recursive: true });
    writeFileSync(at(name, name, file), content);
    const directory = at(name);
    await check(loadDataSet({ name: "cifar10", directory, parts: "test only" }));
  });

  test("an IDX file, gzipped or not", async () => {
    mkdirSync(at(), { recursive: true });
    for (const bytes of [Buffer.from(content), gzipSync(content)]) {
      writeFileSync(at("images.gz"), bytes);
      await check(readIdx(at("images.gz"), 3));
    }
  });

  test("a recipe, and the description of a net", async () => {
    mkdirSync(at(), { recursive: true });
    writeFileSync(at("file"), content);
    await check(readRecipeText(at("file")));
    await check(readJsonFile(at("file")));
  });
});

test("a net instead of a recipe is named as such", async () => {
  const path = join(folder, "net.safetensors");
  writeFileSync(path, '\x08\0\0\0\0\0\0\0{"a":1}');
  expect((await refusal(readRecipeText(path))).message).toContain("it is a safetensors file");
});

test("an IDX file of labels instead of images is refused in plain words", async () => {
  const error = await refusal(readIdx(join(DIGITS_FOLDER, "t10k-labels-idx1-ubyte.gz"), 3));
  expect(error.message).toMatch(/with 3 axes: it has unsigned bytes with 1 axes/);
});
