import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { qprune } from "../../cli/run.js";

/** The folder that bench/torch/photographs.py reads, with published weights and photographs. */
const FOLDER = process.env.QPRUNE_PHOTOGRAPHS ?? "";

interface ClassProbability {
  readonly index: number;
  readonly probability: number;
}

/** The most probable classes in PyTorch: by weights, then by photograph. See bench/torch/photographs.py. */
const { nets } = JSON.parse(readFileSync(new URL("photographs.json", import.meta.url), "utf8")) as {
  nets: Readonly<Record<string, Readonly<Record<string, readonly ClassProbability[]>>>>;
};

/** Engines differ by 2e-6, and the conversion of colors by less than one level of 255. */
const TOLERANCE = 1e-3;

const pathsOf = (names: readonly string[]): string[] => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  return names.map((name) => {
    const found = files.find((file) => basename(file) === name);
    if (found === undefined) throw new Error(`${FOLDER} lacks ${name}`);
    return join(FOLDER, found);
  });
};

describe.skipIf(FOLDER === "").each(Object.entries(nets))(
  "photographs with %s",
  (weights, images) => {
    test("have the classes and probabilities of PyTorch", async () => {
      const paths = pathsOf([weights, ...Object.keys(images)]);
      const { code, events, stderr } = await qprune(["predict", ...paths, "--json"]);
      expect(code).toBe(0);
      expect(stderr).toContain("on ImageNet");
      expect(events.length).toBe(Object.keys(images).length);
      for (const { image, predictions } of events) {
        const expected = images[basename(image as string)] ?? [];
        const found = predictions as readonly ClassProbability[];
        expect(found[0]?.index, String(image)).toBe(expected[0]?.index);
        for (const { index, probability } of expected) {
          const own = found.find((each) => each.index === index)?.probability ?? 0;
          expect(Math.abs(own - probability), `${image}, class ${index}`).toBeLessThan(TOLERANCE);
        }
      }
    });
  },
);
