import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fillFolder, removeLeftovers } from "../../../../src/engine/setup/cache/staging-folder.js";
import { temporaryFolder } from "../temporary-machine.js";

test("a folder appears whole and replaces the one before", async () => {
  const root = temporaryFolder();
  const target = join(root, "engine");
  for (const content of ["old", "new"]) {
    await fillFolder(root, target, async (folder) => {
      writeFileSync(join(folder, content), content);
      expect(existsSync(join(target, content))).toBe(false);
    });
  }
  expect(readdirSync(target)).toEqual(["new"]);
  expect(readdirSync(root)).toEqual(["engine"]);
});

test("a failure leaves nothing half done and the folder before as it was", async () => {
  const root = temporaryFolder();
  const target = join(root, "engine");
  await fillFolder(root, target, async (folder) => writeFileSync(join(folder, "a"), "old"));
  const failing = fillFolder(root, target, async (folder) => {
    writeFileSync(join(folder, "a"), "half");
    throw new Error("interrupted");
  });
  await expect(failing).rejects.toThrow("interrupted");
  expect(readFileSync(join(target, "a"), "utf8")).toBe("old");
  expect(readdirSync(root)).toEqual(["engine"]);
});

test("the temporary folders of killed set-ups are removed, even if their process ids are in use again", async () => {
  const root = temporaryFolder();
  const names = [`.partial-${process.pid}-abc`, ".partial-1-abc", ".partial-x", "engine"];
  for (const name of names) mkdirSync(join(root, name, "sub"), { recursive: true });
  await expect(removeLeftovers(root)).resolves.toBe(3);
  expect(readdirSync(root)).toEqual(["engine"]);
});
