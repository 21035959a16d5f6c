import { type DetectionResult, precisionRecallCurve } from "../../boxes/average-precision.js";
import type { FoundBox } from "../../boxes/box.js";
import { isFaultless, SHOWN_SCORE } from "../../boxes/is-faultless.js";
import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import { boxLayoutOf } from "../../graph/box-output.js";
import type { Net } from "../../models/net.js";
import type {
  ComparedDetection,
  ComparedImages,
  ComparedTest,
  DetectedImage,
} from "../../report/comparison/comparison.js";
import { toImageTensor } from "../../train/image-tensor.js";
import { createDetectionScorer, type DetectionScorer } from "../../train/tasks/detection.js";
import { testImageBytes } from "./image-bytes.js";

/** People do not look at more images one by one. */
const MAX_SHOWN = 12;
const RECALLS = 101;

const scorerOf = ({ graph, spec }: Net): DetectionScorer => {
  const layout = boxLayoutOf(graph);
  if (!layout) throw new Error(`${spec.arch} is no detector`);
  return createDetectionScorer(graph, layout);
};

/** The precision of each class at recalls of 0, 0.01, … 1, averaged over the classes that have objects. */
const meanCurve = (results: readonly DetectionResult[], classes: number): readonly number[] => {
  const curves = Array.from({ length: classes }, (_, label) =>
    precisionRecallCurve(results, label),
  ).filter((curve) => curve !== null);
  return Array.from({ length: RECALLS }, (_, step) => {
    const recall = step / (RECALLS - 1);
    const precisions = curves.map(
      (curve) => curve.find((point) => point.recall >= recall)?.precision ?? 0,
    );
    return precisions.reduce((sum, each) => sum + each, 0) / Math.max(1, curves.length);
  });
};

const shown = ({ found }: DetectionResult): readonly FoundBox[] =>
  found.filter(({ score }) => score >= SHOWN_SCORE);

/** Whether two nets find the same objects in an image. */
const agree = (first: DetectionResult, own: DetectionResult): boolean =>
  isFaultless({ truth: shown(first), found: own.found });

const testOf = (own: DetectionScorer, first: DetectionScorer, classes: number): ComparedTest => {
  const { loss, correct, accuracy, count, precisions } = own.result();
  const pairs = own.results.map((result, image) => {
    const other = first.results[image] ?? result;
    return {
      isRight: isFaultless(result),
      wasRight: isFaultless(other),
      agrees: agree(other, result),
    };
  });
  const detection: ComparedDetection = {
    precisions: precisions ?? { mean: null, at50: null, at75: null },
    curve: meanCurve(own.results, classes),
  };
  return {
    accuracy,
    loss,
    correct,
    agreement: (100 * pairs.filter(({ agrees }) => agrees).length) / count,
    becameRight: pairs.filter(({ isRight, wasRight }) => isRight && !wasRight).length,
    becameWrong: pairs.filter(({ isRight, wasRight }) => !isRight && wasRight).length,
    confusion: [],
    detection,
  };
};

/** Images on which the nets differ, then those with a mistake, then others. */
const imagesToShow = (scorers: readonly DetectionScorer[]): readonly number[] => {
  const [first] = scorers;
  const indices = Array.from({ length: first?.results.length ?? 0 }, (_, index) => index);
  const resultsAt = (index: number) => scorers.flatMap(({ results }) => results[index] ?? []);
  const differs = (index: number): boolean => {
    const [own, ...others] = resultsAt(index);
    return own !== undefined && others.some((other) => !agree(own, other));
  };
  const isWrong = (index: number): boolean => !resultsAt(index).every(isFaultless);
  const half = MAX_SHOWN / 2;
  const chosen = [
    ...indices.filter(differs).slice(0, half),
    ...indices.filter(isWrong),
    ...indices,
  ];
  return [...new Set(chosen)].slice(0, MAX_SHOWN).sort((a, b) => a - b);
};

/** The scores of detectors, and images with their boxes. */
export interface DetectorTests extends Pick<ComparedImages, "changed" | "changedCount"> {
  readonly tests: readonly ComparedTest[];
  readonly detected: readonly DetectedImage[];
}

/** Tests detectors in turn on the same batches of the test images. `onBatch` gets the number of images so far. */
export const testDetectors = async (
  nets: readonly Net[],
  dataSet: DataSet,
  loader: BatchLoader,
  onBatch: (seen: number) => void,
): Promise<DetectorTests> => {
  const scorers = nets.map(scorerOf);
  let seen = 0;
  for await (const batch of loader.epoch(0)) {
    for (const [index, net] of nets.entries()) {
      const images = toImageTensor(batch, net.spec);
      const outputs = net.infer(images);
      scorers[index]?.add(outputs, batch);
      images.dispose();
      outputs.dispose();
    }
    seen += batch.count;
    onBatch(seen);
  }
  const [first] = scorers as [DetectionScorer];
  const classes = dataSet.info.classNames.length;
  const indices = imagesToShow(scorers);
  const pixels = testImageBytes(dataSet, indices);
  const differing = first.results.filter((result, image) =>
    scorers.some(({ results }) => !agree(result, results[image] ?? result)),
  );
  return {
    tests: scorers.map((own) => testOf(own, first, classes)),
    changed: [],
    changedCount: differing.length,
    detected: indices.map((index, position) => ({
      index,
      pixels: pixels[position] as Uint8Array,
      truth: first.results[index]?.truth ?? [],
      found: scorers.map(({ results }) => shown(results[index] as DetectionResult)),
    })),
  };
};
