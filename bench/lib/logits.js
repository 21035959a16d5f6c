import { readFileSync } from "node:fs";
import { chosenClasses } from "../../dist/base/chosen-classes.js";
import { tf } from "../../dist/tensor/tf.js";

const BATCH = 50;

/** The numbers of a file of float32. */
export const readFloats = (path) => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

/** The logits that a net of the training engine computes for images [n, height, width, channels], batch by batch. */
export const engineLogits = (net, images) => {
  const parts = [];
  const [count] = images.shape;
  for (let at = 0; at < count; at += BATCH) {
    const part = tf.tidy(() => tf.slice(images, at, Math.min(BATCH, count - at)));
    const logits = net.infer(part);
    parts.push(...logits.dataSync());
    tf.dispose([part, logits]);
  }
  return Float32Array.from(parts);
};

/** The values of images [n, height, width, channels] as [n, channels, height, width]. */
export const planesOf = (images) => tf.tidy(() => tf.transpose(images, [0, 3, 1, 2]).dataSync());

/** How many images get the same class, and the largest difference of logits relative to the largest one. */
export const agreement = (own, theirs, classes) => {
  const chosen = chosenClasses(theirs, classes);
  const same = chosenClasses(own, classes).filter((each, row) => each === chosen[row]).length;
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = own.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - theirs[at])),
    0,
  );
  return `${same} of ${own.length / classes}, ${(difference / largest).toExponential(1)}`;
};
