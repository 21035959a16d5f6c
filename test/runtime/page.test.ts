import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Page } from "puppeteer-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadModel } from "../../dist/runtime.js";
import { digitsDetectionInfo } from "../../src/data/digits-detection/digits-detection.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { pageFiles, WEB_MODEL_FILE } from "../../src/export/web/page-files.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import { serveFolder } from "../../src/workflows/serving/serve-folder.js";
import { digitPng } from "../cli/digit-png.js";
import { quantized } from "../integer/quantized-nets.js";
import { type OpenedBrowser, openBrowser } from "../open-browser.js";
import { packedBytes } from "./files.js";
import { evaluatedNet } from "./nets.js";

const NET = {
  arch: "nin",
  width: 0.25,
  side: 32,
  images: 1,
  quantization: {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
} as const;

const IS_LONG = process.env.QPRUNE_LONG_TESTS !== undefined;

let opened: OpenedBrowser;
const folder = mkdtempSync(join(tmpdir(), "qprune-page-"));
const picture = join(folder, "digit.png");
let model: Uint8Array;

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  model = packedBytes(evaluatedNet(NET));
  for (const [name, bytes] of await pageFiles(model)) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, WEB_MODEL_FILE), model);
  writeFileSync(picture, await digitPng(0));
  opened = await openBrowser();
});
afterAll(async () => {
  if (opened.kind === "open") await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Serves the folder while `use` runs. */
const whileServed = async (use: (url: string) => Promise<void>): Promise<void> => {
  const stop = new AbortController();
  const url = await new Promise<string>((resolve, reject) => {
    serveFolder({ folder, host: "127.0.0.1", port: 0 }, stop, (served) =>
      resolve(served.url),
    ).catch(reject);
  });
  try {
    await use(url);
  } finally {
    stop.abort();
  }
};

/** A detector with random weights that finds objects everywhere. */
const detectorBytes = (): Uint8Array => {
  const quantization = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
  const net = evaluatedNet({
    ...{ arch: "detector_resnet20", width: 0.25, side: 64, images: 1 },
    quantization,
  });
  const weights = new Map(net.model.weights);
  for (const [name, weight] of weights) {
    if (weight.kind !== "float" || !/\.(?:boxes|classes)\.out\.bias$/.test(name)) continue;
    // Of the boxes, the channel of objectness; of the classes, that of class 3.
    const sure = name.includes("boxes") ? 4 : 3;
    const values = weight.values.map((value, index) => (index === sure ? 3 : value));
    weights.set(name, { ...weight, values });
  }
  return packedBytes({ model: { ...net.model, weights } }, digitsDetectionInfo(64));
};

/** A net of integers whose layers have every kernel for products of bytes, as they are in browsers. */
const integerBytes = async (): Promise<Uint8Array> => {
  const g = createGraphBuilder({ height: 32, width: 32, channels: 3 });
  const each = (name: string, input: string, filters: number, more: object): string =>
    g.relu6(g.conv(name, input, { filters, groups: filters, kernel: 3, padding: 1, ...more }));
  const one = (name: string, input: string, filters: number): string =>
    g.conv(name, input, { filters, kernel: 1, hasBias: true });
  const stem = g.relu(g.conv("stem", g.images, { filters: 16, kernel: 3, stride: 2, padding: 1 }));
  const narrow = one("narrow", each("first", stem, 16, {}), 24);
  const large = one("large", each("second", narrow, 24, { kernel: 5, stride: 2, padding: 2 }), 40);
  const odd = one("odd", each("third", large, 40, { dilation: 2, padding: 2 }), 21);
  const sum = g.add(odd, each("fourth", odd, 21, {}));
  const mean = g.globalPool(g.relu(one("wide", sum, 64)));
  const graph = g.finish(g.dense("classes", mean, { features: 10, hasBias: true }));
  const { model, images } = await quantized(graph, 7);
  images.dispose();
  return packedBytes({ model });
};

const isReady = (page: Page) => page.waitForSelector("#files:not(:disabled)");

/** Gives the page a picture, and returns the classes and shares that it shows. */
const classified = async (page: Page): Promise<string[]> => {
  const input = await page.$("#files");
  await (input as unknown as { uploadFile: (path: string) => Promise<void> }).uploadFile(picture);
  await page.waitForSelector(".card .score");
  return page.$$eval(".card .score", (scores) =>
    scores.map(({ textContent }) => textContent ?? ""),
  );
};

/** What the page has to show: the classes and shares that the runtime finds here. */
const shownInNode = async (): Promise<string[]> => {
  const { data, info } = await sharp(picture)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const loaded = await loadModel(model);
  const [prediction] = loaded.predict({ data, width: info.width, height: info.height });
  loaded.dispose();
  return (prediction?.top() ?? []).map(
    ({ class: name, probability }) => `${name}${(100 * probability).toFixed(1)}%`,
  );
};

test("the page shows what the runtime computes in Node.js, also without a network", async ({
  skip,
}) => {
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const page = await opened.browser.newPage();
  const here = await shownInNode();
  await whileServed(async (url) => {
    await page.goto(url);
    await isReady(page);
    await page.waitForFunction("document.getElementById('offline').textContent !== ''");
    expect(await classified(page)).toEqual(here);
  });
  // The server is gone: the service worker answers.
  await page.reload();
  await isReady(page);
  expect(await classified(page)).toEqual(here);
  await page.close();
});

/** A busy machine needs longer than half a minute for the first picture. */
const PATIENT = { timeout: 100_000 };

test.runIf(IS_LONG)(
  "the page classifies what the camera shows, also if the first pictures cannot be read",
  async ({ skip }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const page = await opened.browser.newPage();
    await page.evaluateOnNewDocument(`
    const create = createImageBitmap;
    let failures = 2;
    globalThis.createImageBitmap = (...args) =>
      failures-- > 0 ? Promise.reject(new DOMException("", "InvalidStateError")) : create(...args);
  `);
    await whileServed(async (url) => {
      await page.goto(url);
      await isReady(page);
      await page.click("#camera");
      await page.waitForSelector("#live-result .score", PATIENT);
      const scores = await page.$$eval("#live-result .score", ({ length }) => length);
      expect(scores).toBe(5);
      await page.click("#camera");
      expect(await page.$eval("#live", (live) => live.matches("[hidden]"))).toBe(true);
    });
    await page.close();
  },
);

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** Serves the folder with some headers while `use` runs. */
const whileServedWith = async (
  headers: Readonly<Record<string, string>>,
  use: (url: string) => Promise<void>,
): Promise<void> => {
  const server = createServer(({ url = "/" }, response) => {
    const name = url === "/" ? "index.html" : url.slice(1);
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": type });
    response.end(readFileSync(join(folder, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const SHARED = {};
const NOT_ISOLATED = /, one thread, since the page is not cross-origin isolated/;

const cores = Math.min(availableParallelism(), 8);

test.each([
  [
    "threads if its server isolates it",
    ISOLATION,
    cores === 1 ? /, one thread$/ : `, ${cores} threads`,
  ],
  ["one thread if its server does not", SHARED, NOT_ISOLATED],
  [
    "one thread if it must not start workers",
    { ...ISOLATION, "content-security-policy": "worker-src 'self'" },
    cores === 1 ? /, one thread$/ : /, one thread, since no worker starts here/,
  ],
])("the page computes with %s", async (_, headers, shown) => {
  if (opened.kind === "none") return;
  const here = await shownInNode();
  const page = await opened.browser.newPage();
  await whileServedWith(headers, async (url) => {
    await page.goto(url);
    await isReady(page);
    // A browser that keeps all sites in one process isolates none.
    const canIsolate = headers === SHARED || (await page.evaluate("crossOriginIsolated"));
    const expected = canIsolate ? shown : NOT_ISOLATED;
    expect(await page.$eval("#about", ({ textContent }) => textContent)).toMatch(expected);
    expect(await classified(page)).toEqual(here);
  });
  await page.close();
});

/** How many of some predictions of the page's kernels differ from those of the reference. */
const COMPARE = `(async () => {
  const { loadModel } = await import("./runtime.js");
  const own = await loadModel("${WEB_MODEL_FILE}");
  const reference = await loadModel("${WEB_MODEL_FILE}", { kernels: "reference" });
  let different = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const pixels = Float32Array.from({ length: 32 * 32 * 3 }, (_, at) => Math.sin(at * 0.7 * seed));
    const [one] = own.predict(pixels);
    const [other] = reference.predict(pixels);
    if (one.logits.some((logit, at) => logit !== other.logits[at])) different++;
  }
  return different;
})()`;

test("the page computes nets of integers as the reference does", async ({ skip }) => {
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const page = await opened.browser.newPage();
  writeFileSync(join(folder, WEB_MODEL_FILE), await integerBytes());
  await whileServed(async (url) => {
    await page.goto(url);
    expect(await page.evaluate(COMPARE)).toBe(0);
  });
  writeFileSync(join(folder, WEB_MODEL_FILE), model);
  await page.close();
});

test("the page refuses a damaged model with the reason", async ({ skip }) => {
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  // A server on another port is another origin, for which nothing is kept.
  const page = await opened.browser.newPage();
  writeFileSync(join(folder, WEB_MODEL_FILE), model.subarray(0, model.length - 7));
  await whileServed(async (url) => {
    await page.goto(url);
    await page.waitForSelector("#problem:not([hidden])");
    const text = await page.$eval("#problem", ({ textContent }) => textContent);
    expect(text).toMatch(/model\.safetensors is not a valid safetensors file/);
  });
  writeFileSync(join(folder, WEB_MODEL_FILE), model);
  await page.close();
});

test("the page of a detector draws frames around what the runtime finds, in shares of the whole picture", async ({
  skip,
}) => {
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  const page = await opened.browser.newPage();
  const detector = detectorBytes();
  writeFileSync(join(folder, WEB_MODEL_FILE), detector);
  const wide = join(folder, "wide.png");
  await sharp(picture).resize(120, 50, { fit: "fill" }).removeAlpha().png().toFile(wide);
  const { data, info } = await sharp(wide)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const loaded = await loadModel(detector);
  const boxes = loaded.predict({ data, width: info.width, height: info.height })[0]?.boxes ?? [];
  loaded.dispose();
  expect(boxes.length).toBeGreaterThan(0);
  const share = (pixels: number): string => `${Number(((100 * pixels) / 64).toFixed(1))}%`;
  await whileServed(async (url) => {
    await page.goto(url);
    await isReady(page);
    const input = await page.$("#files");
    await (input as unknown as { uploadFile: (path: string) => Promise<void> }).uploadFile(wide);
    await page.waitForSelector(".card .frame");
    const frames = await page.$$eval(".card .picture .frame", (all) =>
      all.map((frame) => {
        const { left, top, width, height } = (
          frame as unknown as { readonly style: Record<string, string> }
        ).style;
        return { text: frame.textContent, left, top, width, height };
      }),
    );
    expect(frames).toEqual(
      boxes.map(({ left, top, width, height, label, score }) => ({
        text: `${label} ${Math.round(100 * score)}%`,
        ...{ left: share(left), top: share(top), width: share(width), height: share(height) },
      })),
    );
    expect(await page.title()).toBe("Find objects in pictures");
    expect(await page.$$eval(".card .score", ({ length }) => length)).toBe(boxes.length);
  });
  writeFileSync(join(folder, WEB_MODEL_FILE), model);
  await page.close();
});
