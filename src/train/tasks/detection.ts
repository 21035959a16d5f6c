import { type DetectionResult, detectionScores } from "../../boxes/average-precision.js";
import type { BoxLayout } from "../../boxes/box-layout.js";
import { findBoxes } from "../../boxes/find-boxes.js";
import { isFaultless } from "../../boxes/is-faultless.js";
import type { Graph } from "../../graph/graph.js";
import { imageShape } from "../../graph/graph.js";
import { detectionLoss, detectionLossOf } from "../losses/detection/detection-loss.js";
import type { Scorer, Task } from "./task.js";

/** Boxes with lower scores hardly change a mean average precision. */
const LEAST_SCORE = 0.01;

/** The scores of a batch. */
interface BatchScore {
  /** JSON has no NaN: null. */
  readonly lossSum: number | null;
  readonly results: readonly DetectionResult[];
}

/** A scorer of a detector, which also gives the objects of each image and what was found. */
export interface DetectionScorer extends Scorer {
  readonly results: readonly DetectionResult[];
}

export const createDetectionScorer = (graph: Graph, layout: BoxLayout): DetectionScorer => {
  const [height, width] = imageShape(graph);
  const own: BatchScore[] = [];
  return {
    get results() {
      return own.flatMap((score) => score.results);
    },
    add: (outputs, { boxes = [], count }) => {
      const values = outputs.dataSync() as Float32Array;
      const options = { image: { height, width }, leastScore: LEAST_SCORE };
      own.push({
        lossSum: detectionLossOf(values, layout, boxes).loss * count,
        results: boxes.map((truth, index) => {
          const output = values.subarray(index * layout.size, (index + 1) * layout.size);
          return { truth, found: findBoxes(output, layout, options) };
        }),
      });
    },
    result: (exchange) => {
      const scores = exchange?.(own) ?? own;
      const lossSum = scores.reduce((sum, score) => sum + (score.lossSum ?? Number.NaN), 0);
      const results = scores.flatMap((score) => score.results);
      const count = results.length;
      const { mean, at50, at75 } = detectionScores(results, layout.classes);
      return {
        loss: lossSum / count,
        correct: results.filter(isFaultless).length,
        count,
        accuracy: at50 ?? 0,
        precisions: { mean, at50, at75 },
      };
    },
  };
};

/**
 * Boxes around objects: the loss is that of assigned places (see detectionLossOf), the measure the mean average precision at an
 * overlap of 0.5. An image is right if its objects are found and nothing else (see isFaultless).
 */
export const detection = (graph: Graph, layout: BoxLayout): Task => ({
  kind: "detection",
  loss: detectionLoss(layout),
  countHits: () => null,
  createScorer: () => createDetectionScorer(graph, layout),
});
