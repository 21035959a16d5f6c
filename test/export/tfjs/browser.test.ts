import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { type OpenedBrowser, openBrowser } from "../../open-browser.js";
import { agreementOf, type Prediction, TOLERANCE } from "./agreement.js";
import { type Case, fewCases } from "./cases.js";
import { type Served, serveModels } from "./serve.js";

const read = (path: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(path, import.meta.url)));

const PAGE = `<!doctype html><title>test</title><script src="tf.min.js"></script>`;

let opened: OpenedBrowser;
let served: Served;
let cases: readonly Case[];

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  cases = fewCases();
  served = await serveModels(cases, {
    "page.html": new TextEncoder().encode(PAGE),
    "tf.min.js": read("../../../node_modules/@tensorflow/tfjs/dist/tf.min.js"),
    "predict.js": read("predict.js"),
  });
  opened = await openBrowser();
});
afterAll(async () => {
  await served.close();
  if (opened.kind === "open") await opened.close();
});

test.for(["cpu", "webgl"])(
  "a page computes the logits with plain TensorFlow.js on %s",
  async (backend, { skip }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const page = await opened.browser.newPage();
    await page.goto(`${served.url}/page.html`);
    const names = JSON.stringify(cases.map(({ name }) => name));
    const results = (await page.evaluate(`(async () => {
    await tf.setBackend("${backend}");
    const { predict } = await import("/predict.js");
    return predict(tf, "", ${names});
  })()`)) as Record<string, Prediction>;
    await page.close();
    for (const one of cases) {
      const prediction = results[one.name] as Prediction;
      expect(prediction.backend).toBe(backend);
      expect(agreementOf(one, prediction).worst, one.name).toBeLessThan(TOLERANCE);
    }
  },
);
