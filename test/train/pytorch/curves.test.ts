import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DataSet } from "../../../src/data/data-set.js";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { curveCases } from "./curve-cases.js";
import { type FoundTorch, findTorch } from "./find-torch.js";
import { type CurvePoint, type CurveRun, trainBoth } from "./train-both.js";

const IS_LONG = process.env.QPRUNE_LONG_TESTS !== undefined;
/** With a folder of CIFAR-10's files these are trained on, else the digits that ship. */
const CIFAR10 = process.env.QPRUNE_CIFAR10;

const SIZES = CIFAR10
  ? { width: 0.25, trainLimit: 5000, testLimit: 2000, epochs: 4 }
  : { width: 0.25, trainLimit: 2000, testLimit: 1000, epochs: 4 };

/** Rounding differs from the first step on and grows; over an epoch the losses of both programs stay this close. */
const LOSS_TOLERANCE = 0.03;
/**
 * Percent points between two nets that learned the same: three standard deviations of the difference of two shares of the
 * test images, and a point for what they did not learn alike.
 */
const accuracyTolerance = (percents: readonly [number, number], images: number): number => {
  const share = (percents[0] + percents[1]) / 200;
  return 300 * Math.sqrt((2 * share * (1 - share)) / images) + 1;
};

const TIMEOUT_MS = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), "qprune-curves-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let torch: FoundTorch = { kind: "none", why: "not looked for" };
let run: CurveRun;

const withoutAugmentation = ({ info, ...images }: DataSet): DataSet => ({
  ...images,
  info: { ...info, augmentation: { cropPadding: 0, mirror: false } },
});

beforeAll(async () => {
  if (!IS_LONG) return;
  torch = await findTorch();
  if (torch.kind === "none") return;
  await loadEngine({ engine: "native", notify: () => {} });
  const { width, epochs, ...limits } = SIZES;
  const dataSet = await loadDataSet({
    name: CIFAR10 ? "cifar10" : "digits",
    directory: CIFAR10 ?? ".",
    parts: "train and test",
    ...limits,
  });
  run = { dataSet: withoutAugmentation(dataSet), width, epochs, seed: 1 };
});

const shown = (points: readonly CurvePoint[]): string =>
  points
    .map(({ trainLoss, accuracy }) => `${trainLoss.toFixed(4)} ${accuracy.toFixed(2)}%`)
    .join("  ");

for (const each of curveCases) {
  test(`NIN, ${each.name}: PyTorch has the same training loss and recalibrated accuracy in every epoch`, {
    timeout: TIMEOUT_MS,
  }, async ({ skip }) => {
    if (!IS_LONG) return skip("npm run test:long runs it");
    if (torch.kind === "none") return skip(torch.why);
    if (!CIFAR10 && !each.isForDigits) return skip("QPRUNE_CIFAR10 names no folder");
    const { here, there } = await trainBoth(run, each, { python: torch.python, folder });
    console.info(`${each.name}\n  qprune  ${shown(here)}\n  PyTorch ${shown(there)}`);
    expect(there).toHaveLength(run.epochs);
    for (const [at, point] of here.entries()) {
      const other = there[at] as CurvePoint;
      const epoch = `epoch ${at + 1}`;
      expect
        .soft(Math.abs(point.trainLoss - other.trainLoss), `loss, ${epoch}`)
        .toBeLessThan(LOSS_TOLERANCE);
      const accuracies = [point.accuracy, other.accuracy] as const;
      expect
        .soft(Math.abs(accuracies[0] - accuracies[1]), `accuracy, ${epoch}`)
        .toBeLessThan(accuracyTolerance(accuracies, run.dataSet.test.count));
    }
  });
}
