import type { BoxLayout } from "../../boxes/box-layout.js";
import { findBoxes } from "../../boxes/find-boxes.js";
import { SHOWN_SCORE } from "../../boxes/is-faultless.js";
import { NO_AUGMENTATION } from "../../data/batches/augmentation.js";
import { prepareImage } from "../../data/batches/prepare-image.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { normalizationTable } from "../../data/normalization-table.js";
import { boxLayoutOf } from "../../graph/box-output.js";
import type { Net } from "../../models/net.js";
import { outputsOf } from "../../models/net-spec.js";
import { tf } from "../../tensor/tf.js";
import type { ImageResult } from "./classifier.js";

/** Softmax of logits, with the largest logit subtracted to avoid overflow. */
const softmax = (logits: readonly number[]): number[] => {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

/** What the output of a net for one image means. */
const resultOf = (
  values: Float32Array,
  layout: BoxLayout | undefined,
  image: { readonly height: number; readonly width: number },
): ImageResult =>
  layout
    ? { kind: "boxes", boxes: findBoxes(values, layout, { image, leastScore: SHOWN_SCORE }) }
    : { kind: "classes", probabilities: softmax([...values]) };

/**
 * What a net in evaluation mode finds in each image of a batch.
 *
 * @param images each [height, width, 3] bytes
 */
export const predictBatch = (
  net: Net,
  images: readonly Uint8Array[],
  info: DataSetInfo,
): ImageResult[] => {
  const { height, width, channels } = net.spec.input;
  const size = height * width * channels;
  const table = normalizationTable(info);
  const batch = new Float32Array(images.length * size);
  images.forEach((pixels, index) => {
    const out = batch.subarray(index * size, (index + 1) * size);
    prepareImage(pixels, { height, width }, table, NO_AUGMENTATION, out);
  });
  const input = tf.tensor4d(batch, [images.length, height, width, channels]);
  const output = net.infer(input);
  const values = output.dataSync() as Float32Array;
  tf.dispose([input, output]);
  const outputs = outputsOf(net.spec);
  const layout = boxLayoutOf(net.graph);
  return images.map((_, index) =>
    resultOf(values.slice(index * outputs, (index + 1) * outputs), layout, { height, width }),
  );
};
