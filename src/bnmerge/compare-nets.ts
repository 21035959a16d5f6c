import { chosenClasses } from "../base/chosen-classes.js";
import { randomUnit } from "../base/random.js";
import type { Net } from "../models/net.js";
import { type Tensor4D, tf } from "../tensor/tf.js";

/** How two nets agree on the same inputs. */
export interface Agreement {
  readonly inputs: number;
  /** Inputs for which both choose the same class. */
  readonly equalChoices: number;
  /** Largest difference of two logits. */
  readonly largestDifference: number;
  /** Largest logit of the first net in magnitude. */
  readonly largestLogit: number;
}

/** Uniform images in [0, 1), [count, h, w, c], drawn from a seed. */
export const uniformImages = (
  { height, width, channels }: Net["spec"]["input"],
  count: number,
  seed: number,
): Tensor4D => {
  const size = height * width * channels;
  const values = Float32Array.from({ length: count * size }, (_, at) =>
    // float32 would round the largest draws up to 1.
    Math.min(randomUnit(seed, Math.floor(at / size), at % size), 1 - 2 ** -24),
  );
  return tf.tensor4d(values, [count, height, width, channels]);
};

/** Compares logits [n, classes] of two nets. */
export const compareLogits = (
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  classes: number,
): Agreement => {
  let [largestDifference, largestLogit] = [0, 0];
  for (let at = 0; at < before.length; at++) {
    const [one, other] = [before[at] as number, after[at] as number];
    largestDifference = Math.max(largestDifference, Math.abs(one - other));
    largestLogit = Math.max(largestLogit, Math.abs(one));
  }
  const [first, second] = [chosenClasses(before, classes), chosenClasses(after, classes)];
  const equalChoices = first.filter((chosen, at) => chosen === second[at]).length;
  const inputs = first.length;
  return { inputs, equalChoices, largestDifference, largestLogit };
};

/** Compares two nets on the same images [n, h, w, c], which the caller keeps. */
export const compareNets = (before: Net, after: Net, images: Tensor4D): Agreement => {
  const [one, other] = [before.infer(images), after.infer(images)];
  const agreement = compareLogits(one.dataSync(), other.dataSync(), before.spec.classes);
  tf.dispose([one, other]);
  return agreement;
};
