import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withOpenFile } from "../../src/files/reading/with-open-file.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-open-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["gone", "there is no such file"],
  ["file/inside", "a part of its path is a file, not a folder"],
  ["x".repeat(256), "its name is too long"],
  [".", "it is not a file"],
])("a file that cannot be read is refused with a readable reason: %s", async (name, reason) => {
  writeFileSync(join(folder, "file"), "");
  const path = join(folder, name);
  await expect(withOpenFile(path, async () => {})).rejects.toMatchObject({
    message: `Cannot read ${path}: ${reason}.`,
    hint: "Check the path.",
  });
});
