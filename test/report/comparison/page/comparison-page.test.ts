import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../../../src/report/comparison/comparison.js";
import { comparisonPage } from "../../../../src/report/comparison/page/comparison-page.js";
import type { Sensitivity } from "../../../../src/report/sensitivity/sensitivity.js";
import { type OpenedBrowser, openBrowser } from "../../../open-browser.js";
import { madeUpComparison } from "../made-up-comparison.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-page-"));
let opened: OpenedBrowser;
beforeAll(async () => {
  opened = await openBrowser();
});
afterAll(async () => {
  if (opened.kind === "open") await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a browser finds on a page: measured in pixels of the screen. */
interface Seen {
  readonly pageWidth: number;
  readonly background: string;
  readonly headings: readonly string[];
  readonly charts: number;
  /** Images that were decoded. */
  readonly images: number;
  /** Texts of charts that reach out of their chart, which would be cut off. */
  readonly cutOff: readonly string[];
  /** Pairs of level texts of a chart that lie over each other. */
  readonly overlapping: readonly string[];
  /** The smallest text of a chart as it is shown. */
  readonly smallestText: number;
  /** Colours that no variable gives. */
  readonly blackShapes: number;
  readonly scripts: number;
  readonly wasRun: boolean;
}

/** Runs in the page, as text: the test's own compiler would put its helpers into a function. */
const LOOK = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = all("figure svg text").filter((text) => text.textContent.trim() !== "");
  const reachesOut = (text) => {
    const [own, chart] = [text, text.closest("svg")].map((each) => each.getBoundingClientRect());
    return own.left < chart.left - 1 || own.right > chart.right + 1 ||
      own.top < chart.top - 1 || own.bottom > chart.bottom + 1;
  };
  const level = texts.filter((text) => !/rotate/.test(text.getAttribute("transform") ?? ""));
  const covers = (one, other) => {
    const [a, b] = [one, other].map((each) => each.getBoundingClientRect());
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  };
  const overlapping = level.flatMap((one, at) =>
    level.slice(at + 1)
      .filter((other) => one.closest("svg") === other.closest("svg") && covers(one, other))
      .map((other) => one.textContent + " | " + other.textContent));
  const scaleOf = (text) => {
    const svg = text.closest("svg");
    return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  };
  return {
    pageWidth: document.documentElement.scrollWidth,
    background: getComputedStyle(document.body).backgroundColor,
    headings: all("h2").map((each) => each.textContent),
    charts: all("figure svg").length,
    images: all("img").filter((each) => each.complete && each.naturalWidth === 32).length,
    cutOff: texts.filter(reachesOut).map((each) => each.textContent),
    overlapping,
    smallestText: Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * scaleOf(text))),
    blackShapes: texts.filter((each) => getComputedStyle(each).fill === "rgb(0, 0, 0)").length,
    scripts: all("script").length,
    wasRun: window.wasRun === true,
  };
})()`;

interface View {
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly media?: "screen" | "print";
}

const look = async (comparison: Comparison, { width, scheme, media = "screen" }: View) => {
  if (opened.kind === "none") throw new Error("no browser");
  const file = join(folder, "page.html");
  writeFileSync(file, await comparisonPage(comparison));
  const page = await opened.browser.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => asked.push(request.url().slice(0, 5)));
  page.on("console", (message) => complaints.push(message.text()));
  await page.setViewport({ width, height: 844 });
  // The page's own methods for the two undo each other.
  const client = await page.createCDPSession();
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await client.send("Emulation.setEmulatedMedia", { media, features });
  await page.goto(pathToFileURL(file).href);
  const seen = (await page.evaluate(LOOK)) as Seen;
  await page.close();
  expect(complaints).toEqual([]);
  // The page itself, and the images that it holds.
  expect(asked.filter((start) => start !== "data:")).toEqual(["file:"]);
  return seen;
};

const PHONE = { width: 390, scheme: "light" } as const;
const SECTIONS = [
  "Numbers",
  "Compared with A",
  "Accuracy against size",
  "Training",
  "Layers",
  "Weight codes",
  "Confusion",
  "Images with a changed class",
  "Files",
];

describe("a comparison page", () => {
  test.for([
    ["a desk, light", { width: 1200, scheme: "light" }],
    ["a desk, dark", { width: 1200, scheme: "dark" }],
    ["a phone, light", PHONE],
    ["a phone, dark", { width: 390, scheme: "dark" }],
    ["paper", { width: 700, scheme: "dark", media: "print" }],
  ] as const)("has all its parts, and none is cut off: on %s", async ([, view], { skip }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const seen = await look(madeUpComparison(), view);
    expect(seen.headings).toEqual(SECTIONS);
    // 3 of accuracy, 2 of training, 3 of layers, codes of two nets, 3 confusion matrices.
    expect(seen.charts).toBe(13);
    expect(seen.images).toBe(6);
    expect(seen.pageWidth).toBeLessThanOrEqual(view.width);
    expect(seen.cutOff).toEqual([]);
    expect(seen.overlapping).toEqual([]);
    expect(seen.smallestText).toBeGreaterThanOrEqual(8);
    expect(seen.blackShapes).toBe(0);
    const isDark = view.scheme === "dark" && view.width !== 700;
    expect(seen.background).toBe(isDark ? "rgb(18, 24, 31)" : "rgb(255, 255, 255)");
  });

  test.for([
    ["eight nets", { nets: 8 }],
    ["a hundred classes", { classes: 100 }],
    ["three hundred epochs", { epochs: 300 }],
    ["one epoch", { epochs: 1 }],
  ] as const)("fits a phone with %s", async ([, made], { skip }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const seen = await look(madeUpComparison(made), PHONE);
    expect(seen.headings).toEqual(SECTIONS);
    expect(seen.pageWidth).toBeLessThanOrEqual(PHONE.width);
    expect(seen.cutOff).toEqual([]);
  });

  test.for([320, 481, 700, 861, 1000])(
    "fits %i pixels with eight nets",
    async (width, { skip }) => {
      if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
      const seen = await look(madeUpComparison({ nets: 8 }), { width, scheme: "light" });
      expect(seen.pageWidth).toBeLessThanOrEqual(width);
    },
  );

  test("without images leaves out the sections that need them, and mentions it", async ({
    skip,
  }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const seen = await look(madeUpComparison({ isTested: false }), PHONE);
    expect(seen.headings).toEqual([
      "Numbers",
      "Compared with A",
      "Training",
      "Layers",
      "Weight codes",
      "Files",
    ]);
    const page = await comparisonPage(madeUpComparison({ isTested: false, text: "X" }));
    expect(page).toContain("Not tested: no cifar10 in X.");
    expect(page).toMatch(/no models_.*packedX<wbr>\.history/);
  });

  test("names images that are files by their places in the folder of all", async ({ skip }) => {
    const made = madeUpComparison({ folder: "/home/ada/photos" });
    const page = (await comparisonPage(made)).replaceAll("<wbr>", "");
    expect(page).toContain(">val/automobile1/IMG_1_from_the_old_camera.jpeg<");
    expect(page).toContain("in bold and their files.");
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const seen = await look(made, PHONE);
    expect(seen.images).toBe(6);
    expect(seen.pageWidth).toBeLessThanOrEqual(PHONE.width);
  });

  test("charts the sensitivity of a net, if it was measured", async ({ skip }) => {
    const names = ["layer3.0.conv1.of.a.long.name", "layer3.0.conv2", "layer3.1.conv2"];
    const scores = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => ({
      share,
      kept: 8,
      accuracy: 90 - 80 * share,
      loss: 1,
    }));
    const sensitivity: Sensitivity = {
      format: "qprune-sensitivity",
      model: "models_save/prune/resnet20.safetensors",
      arch: "resnet20",
      importance: "gamma",
      images: { dataSet: "cifar10", count: 1000, wereHeldOut: true },
      whole: { accuracy: 91, loss: 0.3 },
      channels: names.map((name) => ({ names: [name, "conv1"], total: 16, points: scores })),
      bits: names.map((name) => ({
        name,
        points: [8, 4, 2, 1].map((bits) => ({ bits, accuracy: 10 * bits, loss: 1 })),
      })),
    };
    const made = { ...madeUpComparison(), sensitivity };
    expect(await comparisonPage(made)).toContain("images of cifar10 that training held out");
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const seen = await look(made, PHONE);
    expect(seen.headings).toContain("Sensitivity");
    expect(seen.charts).toBe(15);
    expect(seen.cutOff).toEqual([]);
    expect(seen.overlapping).toEqual([]);
    expect(seen.pageWidth).toBeLessThanOrEqual(PHONE.width);
  });

  test("draws identical matrices and codes only once, and names the net that has them", async () => {
    const made = madeUpComparison();
    const [first, second] = made.nets;
    if (!first || !second) throw new Error("no nets");
    const copy = { ...second, label: "C" };
    const page = await comparisonPage({ ...made, nets: [first, second, copy] });
    expect(page.match(/The same: C as B\./g)).toHaveLength(2);
    const charts = async (comparison: Comparison) =>
      (await comparisonPage(comparison)).match(/<figure>.*?<svg/g)?.length ?? 0;
    expect(await charts({ ...made, nets: [first, second, copy] })).toBe((await charts(made)) - 2);
  });

  test("runs nothing that a file's words say", async ({ skip }) => {
    if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
    const text = `"'</title></style></text><script>wasRun=true</script><img src=x onerror=wasRun=true>`;
    for (const classes of [3, 10]) {
      const seen = await look(madeUpComparison({ text, classes }), PHONE);
      expect(seen.wasRun).toBe(false);
      expect(seen.scripts).toBe(0);
      expect(seen.headings).toEqual(SECTIONS);
      expect(seen.images).toBe(6);
    }
  });
});
