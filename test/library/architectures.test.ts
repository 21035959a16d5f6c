import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import {
  exportModel,
  mergeModel,
  summarizeModel,
  trainModel,
} from "../../src/library/workflows.js";
import { graphArchitectureNames } from "../../src/models/architectures/graph-architectures.js";

/** Residual, depthwise, shuffled and concatenated; npm run test:long takes all. */
const FAMILIES = ["resnet20", "mobilenet_v2", "shufflenet_v2_x0_5", "squeezenet1_1"] as const;
const NAMES = process.env.QPRUNE_LONG_TESTS ? graphArchitectureNames : FAMILIES;

/** Widths at which a few steps take a second. */
const WIDTHS: Readonly<Record<string, number>> = { densenet40: 0.5, mobilenet_v2: 0.25 };

const QUANTIZED = [
  ["8 bits", { Wbits: 8, Abits: 8 }],
  ["ternary weights and binary activations", { W: 3, A: 2 }],
] as const;

describe.each(NAMES)("%s", (arch) => {
  let folder = "";
  const at = (name: string): string => join(folder, name);
  const data = { dataset: "digits", trainLimit: 24, testLimit: 20 } as const;
  const common = { ...data, lrDrops: [], trainBatchSize: 8, maxSteps: 3 } as const;

  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.TMPDIR ?? "/tmp", "arch-"));
    await trainModel({
      ...common,
      arch,
      width: WIDTHS[arch] ?? 0.25,
      save: at("float.safetensors"),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("trains in float, and tests of its file give the accuracy that it records", async () => {
    const { manifest, net } = await loadCheckpoint(at("float.safetensors"));
    expect(net).toEqual({ arch, classes: 10, chain: null });
    for (let times = 0; times < 2; times++) {
      const tested = await trainModel({ ...data, evaluate: true, resume: at("float.safetensors") });
      expect(tested).toMatchObject({
        kind: "evaluated",
        evaluation: { count: 20, accuracy: manifest?.accuracy },
      });
    }
  });

  test.each(QUANTIZED)(
    "quantizes to %s, merges, and exports without loss",
    async (_, quantizers) => {
      const model = at("quantized.safetensors");
      await trainModel({
        ...common,
        ...quantizers,
        refine: at("float.safetensors"),
        save: model,
        force: true,
      });
      const { summary } = await summarizeModel({ file: model });
      expect(summary.total.packedBytes).toBeLessThan(summary.total.float32Bytes);
      expect(summary.layers.some(({ codes }) => codes !== null)).toBe(true);
      const merged = await mergeModel({
        model,
        save: at("merged.safetensors"),
        saveBefore: at("before.safetensors"),
        force: true,
      });
      expect(merged.agreement.equalChoices).toBeGreaterThan(0.9 * merged.agreement.inputs);
      // The last digit of a folded value may round an activation to the next of its levels.
      expect(merged.agreement.largestDifference).toBeLessThan(
        0.1 * merged.agreement.largestLogit + 1e-4,
      );
      for (const format of ["packed", "tfjs"] as const) {
        // The export compares what it wrote with the net, number by number.
        const save = format === "tfjs" ? at("tfjs") : at("packed.safetensors");
        const { file } = await exportModel({
          file: at("merged.safetensors"),
          format,
          save,
          force: true,
        });
        expect(file).toBe(save);
      }
    },
  );
});
