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

/** By how much the logit of the chosen class exceeds that of another class, or of the second best one, in a row of logits. */
const marginOf = (row, chosen, other) =>
  row[chosen] -
  (other === undefined ? Math.max(...row.filter((_, at) => at !== chosen)) : row[other]);

/** A share of the largest logit, with two digits. */
const shareText = (value) => value.toExponential(1);

/**
 * How many images get the same class, and the largest difference of logits relative to the largest one. For images of another class,
 * also the largest margin of their class over that other class, and the median margin of all images, relative to the same.
 */
export const agreement = (own, theirs, classes) => {
  const theirClasses = chosenClasses(theirs, classes);
  const images = Array.from(chosenClasses(own, classes), (chosen, at) => {
    const row = own.subarray(at * classes, (at + 1) * classes);
    const other = theirClasses[at];
    return {
      isSame: chosen === other,
      margin: marginOf(row, chosen),
      lost: marginOf(row, chosen, other),
    };
  });
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = own.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - theirs[at])),
    0,
  );
  const same = images.filter(({ isSame }) => isSame).length;
  const text = `${same} of ${images.length}, ${shareText(difference / largest)}`;
  if (same === images.length) return text;
  const lost = Math.max(...images.flatMap((each) => (each.isSame ? [] : [each.lost])));
  const margins = images.map(({ margin }) => margin).sort((one, other) => one - other);
  const median = margins[Math.floor(margins.length / 2)];
  return `${text} (margins ${shareText(lost / largest)}, median ${shareText(median / largest)})`;
};
