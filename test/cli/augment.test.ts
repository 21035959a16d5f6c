import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-augment-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DIGITS = ["augment", folder, "--dataset", "digits"];

test("qprune augment writes a self-contained page with every image in every epoch", async () => {
  const html = at("sheet.html");
  const run = await qprune([
    ...[...DIGITS, "--rand-augment", "2,9", "--cutout", "8", "--mixup", "0.4"],
    ...["--images", "4", "--draws", "3", "--html", html, "--json"],
  ]);
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({ file: html, images: 4, draws: 3 });
  const page = readFileSync(html, "utf8");
  // Each image as tested, and in three epochs.
  expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(16);
  expect(page).toContain("RandAugment with 2 operations of strength 9, cutout of 8 pixels, mixup");
  expect(page).toMatch(/\d+ % \w+, \d+ % \w+/);
  expect(page).not.toMatch(/https?:\/\//);
});

test("the same seed gives the same page, another one other images", async () => {
  const pages = [];
  for (const [name, seed] of [
    ["a.html", "1"],
    ["b.html", "1"],
    ["c.html", "2"],
  ] as const) {
    await qprune([...DIGITS, "--random-erasing", "0.5", "--seed", seed, "--html", at(name)]);
    pages.push(readFileSync(at(name), "utf8"));
  }
  expect(pages[1]).toBe(pages[0]);
  expect(pages[2]).not.toBe(pages[0]);
});

describe("refuses", () => {
  test.each([
    [["--rand-augment", "2,31"], "expected the number of operations"],
    [["--cutout", "0"], "expected a whole number of at least 1"],
    [["--html", "page.png"], "the name must end in .html"],
    [["--no-mirror"], "--mirror is for image folders, not for digits"],
  ] as [string[], string][])("%j", async (flags, message) => {
    const run = await qprune([...DIGITS, ...flags]);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });
});
