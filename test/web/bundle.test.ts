import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { type OpenedBrowser, openBrowser } from "../open-browser.js";
import { logitsOf, QUANTIZATIONS } from "./nets.js";

/** float32 sums in another order, relative to the largest logit. */
const TOLERANCE = 1e-4;
const CLASSES = 10;

let opened: OpenedBrowser;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  opened = await openBrowser();
});
afterAll(async () => {
  if (opened.kind === "open") await opened.close();
});

/** The page's code as one script that sets `qprunePage`; warns of every module of Node.js in it. */
const bundle = async (): Promise<{ code: string; warnings: string[] }> => {
  const warnings: string[] = [];
  const [output] = (await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL("page.ts", import.meta.url)),
        formats: ["iife"],
        name: "qprunePage",
      },
      rollupOptions: { onwarn: ({ message }) => warnings.push(message) },
    },
  })) as Rollup.RollupOutput[];
  return { code: output?.output[0].code ?? "", warnings };
};

const argmax = (logits: readonly number[], image: number): number => {
  const own = logits.slice(image * CLASSES, (image + 1) * CLASSES);
  return own.indexOf(Math.max(...own));
};

test("qprune/web needs no module of Node.js, and a page computes with it what Node.js does", async ({
  skip,
}) => {
  const { code, warnings } = await bundle();
  expect(warnings.filter((text) => /node:|externalized/.test(text))).toEqual([]);
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const page = await opened.browser.newPage();
  await page.addScriptTag({ content: code });
  const inPage = (await page.evaluate("qprunePage.allLogits()")) as Record<string, number[]>;
  await page.close();
  for (const [name, quantization] of Object.entries(QUANTIZATIONS)) {
    const [here, there] = [await logitsOf(quantization), inPage[name] as number[]];
    const images = Array.from({ length: here.length / CLASSES }, (_, image) => image);
    const same = images.filter((image) => argmax(here, image) === argmax(there, image));
    expect(same.length, name).toBeGreaterThanOrEqual(99);
    if (name !== "float") continue;
    const largest = Math.max(...here.map(Math.abs));
    const worst = Math.max(...here.map((value, at) => Math.abs(value - (there[at] as number))));
    expect(worst / largest).toBeLessThan(TOLERANCE);
  }
});

test("importing the package starts no TensorFlow", async () => {
  const { execFileSync } = await import("node:child_process");
  const source = `
    await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    await import(${JSON.stringify(new URL("../../dist/web.js", import.meta.url).href)});
    const { engine } = await import("@tensorflow/tfjs-core");
    console.log(Object.keys(engine().registry).length, process.getActiveResourcesInfo().length);`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  });
  expect(printed.split(" ")[0]).toBe("0");
});
