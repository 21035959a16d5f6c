import { QpruneError } from "../base/errors.js";
import type { FoundBox } from "../boxes/box.js";
import type { BoxLayout } from "../boxes/box-layout.js";
import { findBoxes } from "../boxes/find-boxes.js";
import { SHOWN_SCORE } from "../boxes/is-faultless.js";
import { boxLayoutOf } from "../graph/box-output.js";
import type { PlanEngine } from "./engine.js";
import { type ModelInfo, modelInfo } from "./model-info.js";
import type { Plan } from "./plan/plan.js";
import { type ImageInput, imagePreparer } from "./prepare-images.js";
import type { PackedNet } from "./reading/read-packed.js";

/** A class with its probability. */
export interface ClassScore {
  readonly class: string;
  readonly index: number;
  readonly probability: number;
}

/** What a net computes for one image. */
export interface Prediction {
  /** [classes], or the values of a detector (see BoxLayout). */
  readonly logits: Float32Array;
  /** [classes] the softmax of the logits; empty for a detector. */
  readonly probabilities: Float32Array;
  /** Only of a detector: the objects with scores of at least 0.5, best first, in pixels of the net's input. */
  readonly boxes?: readonly FoundBox[];
  /** The most probable classes, in descending order; equal ones in the order of the classes. */
  readonly top: (count?: number) => ClassScore[];
}

/** A net that is ready to classify images. */
export interface RuntimeModel {
  readonly info: ModelInfo;
  /**
   * Classifies images, one after the other.
   * @throws QpruneError if the images do not fit the net, or the model was disposed.
   */
  readonly predict: (images: ImageInput) => Prediction[];
  /** Frees the model's memory; it cannot be used afterwards. */
  readonly dispose: () => void;
}

const SHOWN_CLASSES = 5;

const softmax = (logits: Float32Array): Float32Array => {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
};

const predictionOf = (logits: Float32Array, names: readonly string[]): Prediction => {
  const probabilities = softmax(logits);
  return {
    logits,
    probabilities,
    top: (count = SHOWN_CLASSES) =>
      Array.from(probabilities, (probability, index) => ({
        class: names[index] ?? String(index),
        index,
        probability,
      }))
        .sort((a, b) => b.probability - a.probability || a.index - b.index)
        .slice(0, count),
  };
};

interface Parts {
  readonly net: PackedNet;
  readonly plan: Plan;
  readonly engine: PlanEngine;
  readonly fileBytes: number;
}

/** What the output of a detector means. */
const detectionOf = (
  values: Float32Array,
  layout: BoxLayout,
  image: ModelInfo["input"],
): Prediction => ({
  logits: values,
  probabilities: new Float32Array(0),
  boxes: findBoxes(values, layout, { image, leastScore: SHOWN_SCORE }),
  top: () => [],
});

/** A model of a net whose plan an engine runs. */
export const createModel = ({ net, plan, engine, fileBytes }: Parts): RuntimeModel => {
  let running: PlanEngine | null = engine;
  const info = modelInfo(net, plan, engine, fileBytes);
  const layout = boxLayoutOf(net.model.graph);
  const prepare = imagePreparer(net.dataSet, info.input);
  const runningEngine = (): PlanEngine => {
    if (running) return running;
    throw new QpruneError("The model was disposed, so it cannot classify images.", {
      hint: "Load it again with loadModel, or dispose it later.",
    });
  };
  return {
    info,
    predict: (images) => {
      const { input, output, run } = runningEngine();
      return prepare(images).map((fill) => {
        fill(input);
        run();
        return layout
          ? detectionOf(output.slice(), layout, info.input)
          : predictionOf(output.slice(), info.classes);
      });
    },
    dispose: () => {
      running?.dispose();
      running = null;
    },
  };
};
