import { chosenClasses } from "../base/chosen-classes.js";
import { randomUnit } from "../base/random.js";
import type { Net } from "../models/net.js";
import { outputsOf } from "../models/net-spec.js";
import { type Tensor4D, tf } from "../tensor/tf.js";

/** Agreement of two nets on the same inputs. */
export interface Agreement {
  readonly inputs: number;
  /** Inputs for which the same output is the largest: both classifiers predict the same class. */
  readonly equalChoices: number;
  /** Largest absolute difference of corresponding logits. */
  readonly largestDifference: number;
  /** Largest magnitude of the first net's logits. */
  readonly largestLogit: number;
}

/** Uniform images in [0, 1), [count, h, w, c], drawn from a seed. */
export const uniformImages = (
  { height, width, channels }: Net["spec"]["input"],
  count: number,
  seed: number,
): Tensor4D => {
  const size = height * width * channels;
  const values = Float32Array.from({ length: count * size }, (_, index) =>
    // float32 would round the largest draws up to 1.
    Math.min(randomUnit(seed, Math.floor(index / size), index % size), 1 - 2 ** -24),
  );
  return tf.tensor4d(values, [count, height, width, channels]);
};

/** Compares outputs [n, outputs] of two nets. */
export const compareLogits = (
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  outputs: number,
): Agreement => {
  let [largestDifference, largestLogit] = [0, 0];
  for (let index = 0; index < before.length; index++) {
    const [one, other] = [before[index] as number, after[index] as number];
    largestDifference = Math.max(largestDifference, Math.abs(one - other));
    largestLogit = Math.max(largestLogit, Math.abs(one));
  }
  const [first, second] = [chosenClasses(before, outputs), chosenClasses(after, outputs)];
  const equalChoices = first.filter((chosen, index) => chosen === second[index]).length;
  const inputs = first.length;
  return { inputs, equalChoices, largestDifference, largestLogit };
};

/** Compares two nets on the same images [n, h, w, c]. The caller disposes the images. */
export const compareNets = (before: Net, after: Net, images: Tensor4D): Agreement => {
  const [one, other] = [before.infer(images), after.infer(images)];
  const agreement = compareLogits(one.dataSync(), other.dataSync(), outputsOf(before.spec));
  tf.dispose([one, other]);
  return agreement;
};
