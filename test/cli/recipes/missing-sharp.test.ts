import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { qprune } from "../run.js";

vi.mock("sharp", () => {
  throw new Error("Cannot find package 'sharp'");
});

const folder = mkdtempSync(join(tmpdir(), "qprune-sharp-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const images = join(folder, "images");
for (const part of ["train", "val"]) {
  for (const name of ["apple", "pear"]) {
    mkdirSync(join(images, part, name), { recursive: true });
    writeFileSync(join(images, part, name, "a.png"), "not looked into");
  }
}

const run = async (lines: readonly string[], ...flags: string[]) => {
  const recipe = join(folder, "recipe.yml");
  writeFileSync(recipe, lines.join("\n"));
  return qprune(["run", recipe, "--folder", join(folder, "made"), ...flags]);
};

test.each([
  ["a stage", ["stages:", `  a: {kind: train, data: ${images}}`], "2:26"],
  ["the defaults", [`defaults: {data: ${images}}`, "stages: {a: {kind: train}}"], "1:18"],
])(
  "image folders of %s are refused before anything runs if no decoder is installed",
  async (_, lines, place) => {
    for (const flags of [[], ["--dry-run"]]) {
      const { code, stdout, stderr } = await run(lines, ...flags);
      expect(stderr).toContain(`recipe.yml:${place}: The package sharp, which decodes images,`);
      expect(stderr).toContain("hint: Install it next to qprune: npm install sharp");
      expect([code, stdout]).toEqual([2, ""]);
      expect(existsSync(join(folder, "made"))).toBe(false);
    }
  },
);

test("data sets other than images need no decoder", async () => {
  const { code, stderr } = await run(["stages: {a: {kind: train, dataset: digits}}"], "--dry-run");
  expect([code, stderr]).toEqual([0, ""]);
});
