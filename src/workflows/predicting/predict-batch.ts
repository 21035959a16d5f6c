import { NO_AUGMENTATION } from "../../data/batches/augmentation.js";
import { prepareImage } from "../../data/batches/prepare-image.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { normalizationTable } from "../../data/normalization-table.js";
import type { Net } from "../../models/net.js";
import { tf } from "../../tensor/tf.js";

/** Softmax of logits, with the largest logit subtracted to avoid overflow. */
const softmax = (logits: readonly number[]): number[] => {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

/**
 * The class probabilities of each image in a batch, for a net in evaluation mode.
 *
 * @param images each [height, width, 3] bytes
 */
export const predictBatch = (
  net: Net,
  images: readonly Uint8Array[],
  info: DataSetInfo,
): number[][] => {
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
  const logits = [...output.dataSync()];
  tf.dispose([input, output]);
  const { classes } = net.spec;
  return images.map((_, index) => softmax(logits.slice(index * classes, (index + 1) * classes)));
};
