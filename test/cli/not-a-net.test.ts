import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { openNetFile } from "../../src/checkpoint/net-files/open-net-file.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-not-a-net-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLAG = /--[a-z]/;

describe("a file that is not a net is refused with the flag that takes it:", () => {
  test.each([
    ["a PNG image", "\x89PNG\r\n\x1a\n", "image-instead-of-net", "set --data to their folder"],
    ["an IDX file", "\0\0\x08\x03", "idx-file-instead-of-net", "as a data set, with --data"],
    ["a JSON file", '{"name": "net"}', "json-instead-of-net", "belongs in --arch"],
  ])("%s", async (what, content, code, advice) => {
    const path = join(folder, "file");
    writeFileSync(path, content, "latin1");
    const { code: exitCode, stderr } = await qprune(["summary", path]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(what)]);
    expect(stderr).toContain(advice);
    // The library names no flags.
    await expect(openNetFile(path)).rejects.toMatchObject({
      code,
      hint: expect.not.stringMatching(FLAG),
    });
  });
});

test("a key for a safetensors file is refused with its flag", async () => {
  const path = fileURLToPath(
    new URL("../reference/fixtures/model-init-wqaq-nin.safetensors", import.meta.url),
  );
  expect((await qprune(["summary", path, "--key", "model"])).stderr).toContain("Omit --key");
  await expect(openNetFile(path, { key: "model" })).rejects.toMatchObject({
    code: "key-for-safetensors-file",
    hint: expect.not.stringMatching(FLAG),
  });
});
