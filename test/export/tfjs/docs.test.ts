import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomUnit } from "../../../src/base/random.js";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { normalizationTable } from "../../../src/data/normalization-table.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { openBrowser } from "../../open-browser.js";
import { bitmap } from "./bitmap.js";
import { type Case, caseOn } from "./cases.js";
import { serveModels } from "./serve.js";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-tfjs-docs-"));
const SIDE = 16;
const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => 256 * randomUnit(5, at));
const table = normalizationTable(DIGITS_INFO);
const images = Float32Array.from(pixels, (value, at) => table[(at % 3) * 256 + value] as number);
let model: Case;

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  model = caseOn("model", images, SIDE);
  mkdirSync(join(folder, "model"));
  for (const [name, bytes] of model.files) writeFileSync(join(folder, "model", name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bestOf = (values: ArrayLike<number>): number => {
  const list = Array.from(values);
  return list.indexOf(Math.max(...list));
};

/** The first block of code of a language in the docs. */
const exampleOf = (language: string): string => {
  const text = readFileSync(join(project, "docs/export-tfjs.md"), "utf8");
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? "";
};

test("the Node example in the docs runs unchanged", () => {
  writeFileSync(join(folder, "example.mjs"), exampleOf("js"));
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
  const options = { cwd: folder, encoding: "utf8", stdio: "pipe" } as const;
  const lines = execFileSync(process.execPath, ["example.mjs"], options);
  expect(lines.trim().split("\n").at(-1)).toMatch(/^\d$/);
});

/** Opens a page that can load nothing from other servers. */
const openPage = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage();
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.url().startsWith(url.slice(0, url.lastIndexOf("/")))) return request.continue();
    return request.url().startsWith("blob:") ? request.continue() : request.abort();
  });
  await page.goto(url);
  return page;
};

test("the pages of docs and examples classify the given image", async ({ skip }) => {
  const opened = await openBrowser();
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const image = bitmap(pixels, SIDE);
  const served = await serveModels([model], {
    "index.html": readFileSync(join(project, "examples/web/index.html")),
    "docs.html": new TextEncoder().encode(`<img src="image.bmp">${exampleOf("html")}`),
    "image.bmp": image,
    "tf.min.js": readFileSync(join(project, "node_modules/@tensorflow/tfjs/dist/tf.min.js")),
  });
  const best = bestOf(model.expected);
  try {
    const docs = await openPage(opened.browser, `${served.url}/docs.html`);
    await docs.waitForFunction(`document.body.innerText.trim() === "${best}"`);
    const example = await openPage(opened.browser, `${served.url}/index.html`);
    const input = await example.waitForSelector("input:not([disabled])");
    writeFileSync(join(folder, "image.bmp"), image);
    await input?.uploadFile(join(folder, "image.bmp"));
    await example.waitForSelector("#scores tr");
    const first = await example.evaluate(`document.querySelector("#scores td").textContent`);
    expect(first).toBe(String(best));
  } finally {
    await served.close();
    await opened.close();
  }
});
