import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { qprune } from "../run.js";

vi.mock("vega", () => {
  throw new Error("Cannot find package 'vega'");
});

const folder = mkdtempSync(join(tmpdir(), "qprune-charts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MISSING = "Charts need the packages vega and vega-lite, which are not installed.";
const INSTALL = "hint: Install them: npm install vega@~6.4.0 vega-lite@~6.4.3";

const run = async (compared: string, ...flags: string[]) => {
  const recipe = join(folder, "recipe.yml");
  const train = "a: {kind: train, dataset: digits}";
  writeFileSync(recipe, `stages:\n  ${train}\n  c: {kind: compare, files: [a, a]${compared}}\n`);
  return qprune(["run", recipe, "--folder", join(folder, "made"), ...flags]);
};

test.each([[[]], [["--dry-run"]]])(
  "a page is refused before anything runs, as compare --html refuses it (%j)",
  async (flags) => {
    const { code, stdout, stderr } = await run(", html: page.html", ...flags);
    expect(stderr).toContain(`recipe.yml:3:43: ${MISSING}\n`);
    expect(stderr).toContain(INSTALL);
    expect([code, stdout]).toEqual([2, ""]);
    expect(existsSync(join(folder, "made"))).toBe(false);
    const compare = await qprune(["compare", "a.pth", "b.pth", "--html", join(folder, "x.html")]);
    expect(compare.stderr).toContain(MISSING);
    expect(compare.stderr).toContain(INSTALL);
  },
);

test("a comparison without a page does not load the chart library", async () => {
  const { code, stderr } = await run("", "--dry-run");
  expect([code, stderr]).toEqual([0, ""]);
});
