import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findMissing } from "../../src/files/reading/similar-files.js";
import { withOpenFile } from "../../src/files/reading/with-open-file.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-similar-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hintFor = async (path: string): Promise<string> => (await findMissing(path)).hint;
const at = (path: string): string => join(folder, path);
for (const path of [
  "models/wqaq/nin.safetensors",
  "models/wqaq/nin.state.safetensors",
  "models/prune/nin.pth",
  "models/prune/vgg.safetensors",
  "models/node_modules/nin.safetensors",
  "models/.hidden/nin.safetensors",
  "nets/net.json",
]) {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), "");
}

test("for a missing file, the most similar file of its kind is suggested first", async () => {
  expect(await hintFor(at("models/nin.safetensors"))).toBe(
    `Did you mean ${at("models/wqaq/nin.safetensors")}? There are also ${at("models/prune/nin.pth")}, ${at("models/prune/vgg.safetensors")}.`,
  );
});

test("training states are suggested only for training states", async () => {
  expect(await hintFor(at("models/nim.state.safetensors"))).toBe(
    `Did you mean ${at("models/wqaq/nin.state.safetensors")}?`,
  );
});

test("files are listed without a suggestion if no name is similar", async () => {
  expect(await hintFor(at("nets/description.json"))).toBe(
    `Check the path. There are ${at("nets/net.json")}.`,
  );
});

test("the nearest folder that exists is searched, and named if it has no such file", async () => {
  expect(await hintFor(at("models/gone/deeper/nin.pth"))).toMatch(/^Did you mean .*nin\.pth\?/);
  expect(await hintFor(at("nets/gone/recipe.yml"))).toBe(
    `Check the path; there is no .yml file in or below ${at("nets")}.`,
  );
});

test("a name without an extension is not searched for", async () => {
  expect(await hintFor(at("models"))).toBe("Check the path.");
});

test("opening a missing file reports its code and the similar files", async () => {
  await expect(
    withOpenFile(at("models/prune/vg.safetensors"), async () => {}),
  ).rejects.toMatchObject({
    code: "file-missing",
    hint: expect.stringContaining(`Did you mean ${at("models/prune/vgg.safetensors")}?`),
  });
});
