import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toBase64 } from "../../src/base/base64.js";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import {
  exportModel,
  mergeModel,
  type TrainOptions,
  trainModel,
} from "../../src/library/workflows.js";
import { type OpenedBrowser, openBrowser } from "../open-browser.js";
import { builtLogits, fileLogits, NETS, RESIDUAL } from "./nets.js";

/** float32 sums in another order, relative to the largest logit. */
const TOLERANCE = 1e-4;
const CLASSES = 10;

let opened: OpenedBrowser;
let bundled: Awaited<ReturnType<typeof bundle>>;
const folder = mkdtempSync(join(tmpdir(), "qprune-web-"));
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  opened = await openBrowser();
  bundled = await bundle();
});
afterAll(async () => {
  if (opened.kind === "open") await opened.close();
  rmSync(folder, { recursive: true, force: true });
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

/** Evaluates an expression in a page with the bundle. */
const inPage = async <T>(
  { browser }: Extract<OpenedBrowser, { kind: "open" }>,
  code: string,
  expression: string,
): Promise<T> => {
  const page = await browser.newPage();
  await page.addScriptTag({ content: code });
  const value = (await page.evaluate(expression)) as T;
  await page.close();
  return value;
};

const argmax = (logits: readonly number[], image: number): number => {
  const own = logits.slice(image * CLASSES, (image + 1) * CLASSES);
  return own.indexOf(Math.max(...own));
};

/** The number of images for which two nets choose the same class. */
const agreement = (here: readonly number[], there: readonly number[]): number =>
  Array.from({ length: here.length / CLASSES }, (_, image) => image).filter(
    (image) => argmax(here, image) === argmax(there, image),
  ).length;

/** The largest difference of two nets' logits, relative to the largest logit. */
const worstDifference = (here: readonly number[], there: readonly number[]): number => {
  const largest = Math.max(...here.map(Math.abs));
  return (
    Math.max(...here.map((value, index) => Math.abs(value - (there[index] as number)))) / largest
  );
};

test("qprune/web needs no module of Node.js, and a page computes with it what Node.js does", async ({
  skip,
}) => {
  const { code, warnings } = bundled;
  expect(warnings.filter((text) => /node:|externalized/.test(text))).toEqual([]);
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const there = await inPage<Record<string, number[]>>(opened, code, "qprunePage.allLogits()");
  for (const [name, net] of Object.entries(NETS)) {
    const [own, others] = [await builtLogits(net), there[name] as number[]];
    expect(agreement(own, others), name).toBeGreaterThanOrEqual(own.length / CLASSES - 1);
    if (name.startsWith("float"))
      expect(worstDifference(own, others), name).toBeLessThan(TOLERANCE);
  }
});

const SHORT = {
  dataset: "digits",
  trainLimit: 40,
  testLimit: 20,
  trainBatchSize: 10,
  lrDrops: [],
  maxSteps: 4,
} as const;

/** Trains a net for some steps, and writes it merged and packed, too. */
const writeNets = async (name: string, options: TrainOptions): Promise<string[]> => {
  const [model, merged, packed] = ["trained", "merged", "packed"].map((form) =>
    at(`${name}-${form}.safetensors`),
  ) as [string, string, string];
  await trainModel({ ...SHORT, ...options, save: model });
  await mergeModel({ model, save: merged, saveBefore: at(`${name}-before.safetensors`) });
  await exportModel({ file: merged, format: "packed", save: packed });
  return [model, merged, packed];
};

/** What a page computes with the net of a file; undefined without a browser. */
const readInPage = async <T>(
  bytes: Uint8Array,
  name: string,
  backend: string,
): Promise<T | undefined> => {
  if (opened.kind === "none") return undefined;
  const passed = [toBase64(bytes), name, backend].map((text) => JSON.stringify(text));
  return inPage<T>(opened, bundled.code, `qprunePage.logitsOfFile(${passed.join(", ")})`);
};

describe("a page reads the net of a file, and computes what Node.js does:", () => {
  const described = `${folder}/residual.json` as const;
  beforeAll(() => writeFileSync(described, JSON.stringify(RESIDUAL)));
  const nets: [string, TrainOptions][] = [
    ["a chain with 4 bits", { arch: "nin", width: 0.125, Wbits: 4, Abits: 4 }],
    ["a residual graph with 4 bits", { arch: "resnet20", width: 0.25, Wbits: 4, Abits: 4 }],
    [
      "a described graph with ternary weights and a band",
      { arch: described, W: 3, A: 2, gap: 0.1 },
    ],
  ];

  test.each(nets)("%s, trained, merged and packed", async (name, options) => {
    const files = await writeNets(name.replaceAll(" ", "-"), options);
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(file));
      const here = await fileLogits(bytes, file);
      expect(here.classNames).toHaveLength(CLASSES);
      const there = await readInPage<typeof here>(bytes, file, "cpu");
      if (!there) return;
      expect(there.classNames).toEqual(here.classNames);
      const images = here.logits.length / CLASSES;
      expect(agreement(here.logits, there.logits), file).toBeGreaterThanOrEqual(images - 1);
    }
  });

  test("a state dict of an architecture, without any record, on both backends; and damaged bytes are refused", async () => {
    await trainModel({ ...SHORT, arch: "resnet20", save: at("float.safetensors") });
    const { state } = await loadCheckpoint(at("float.safetensors"));
    const bytes = new Uint8Array(Buffer.concat(encodeSafetensors(state, {})));
    const name = "published.safetensors";
    const here = await fileLogits(bytes, name);
    for (const backend of ["cpu", "webgl"]) {
      const there = await readInPage<typeof here>(bytes, name, backend);
      if (!there) return;
      expect(worstDifference(here.logits, there.logits), backend).toBeLessThan(TOLERANCE);
    }
    expect(await readInPage(bytes.subarray(0, bytes.length - 5), name, "cpu")).toEqual({
      message: expect.stringMatching(/^published\.safetensors is not a valid safetensors file: /),
    });
  });
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
