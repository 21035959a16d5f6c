import { chosenClasses } from "../../base/chosen-classes.js";
import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { ComparedTest } from "../../report/comparison/comparison.js";
import { toImageTensor } from "../../train/image-tensor.js";
import { scoreLogits } from "../../train/tasks/classification.js";

/** The results of a net on the images so far. */
interface Answers {
  lossSum: number;
  readonly chosen: Int32Array;
}

const confusionOf = (
  labels: Int32Array,
  chosen: Int32Array,
  classes: number,
): readonly (readonly number[])[] => {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, image) => {
    const row = counts[label] as number[];
    const choice = chosen[image] as number;
    row[choice] = (row[choice] as number) + 1;
  });
  return counts;
};

const equalCount = (one: Int32Array, other: Int32Array): number =>
  one.filter((value, index) => value === other[index]).length;

/** The number of images that `one` classifies correctly and `other` does not. */
const onlyRightCount = (labels: Int32Array, one: Int32Array, other: Int32Array): number =>
  labels.filter((label, index) => one[index] === label && other[index] !== label).length;

const testOf = (
  { lossSum, chosen }: Answers,
  first: Int32Array,
  labels: Int32Array,
  classes: number,
): ComparedTest => {
  const correct = equalCount(chosen, labels);
  return {
    accuracy: (100 * correct) / labels.length,
    loss: lossSum / labels.length,
    correct,
    agreement: (100 * equalCount(chosen, first)) / labels.length,
    becameRight: onlyRightCount(labels, chosen, first),
    becameWrong: onlyRightCount(labels, first, chosen),
    confusion: confusionOf(labels, chosen, classes),
  };
};

/** The scores of nets on the test images, and the class that each net chose for each image. */
export interface NetTests {
  readonly tests: readonly ComparedTest[];
  readonly chosen: readonly Int32Array[];
}

/** Tests nets in turn on the same batches of the test images. */
export const testNets = async (
  nets: readonly Net[],
  { test: { labels, count } }: DataSet,
  loader: BatchLoader,
  /** Called after every batch with the number of images so far. */
  onBatch: (seen: number) => void,
): Promise<NetTests> => {
  const answers = nets.map((): Answers => ({ lossSum: 0, chosen: new Int32Array(count) }));
  let seen = 0;
  for await (const batch of loader.epoch(0)) {
    nets.forEach((net, index) => {
      const images = toImageTensor(batch, net.spec);
      const logits = net.infer(images);
      const own = answers[index] as Answers;
      own.lossSum += scoreLogits(logits, batch.labels).loss * batch.count;
      own.chosen.set(chosenClasses(logits.dataSync(), net.spec.classes), seen);
      images.dispose();
      logits.dispose();
    });
    seen += batch.count;
    onBatch(seen);
  }
  const chosen = answers.map((own) => own.chosen);
  const classes = nets[0]?.spec.classes ?? 0;
  const own = labels.subarray(0, count);
  return {
    tests: answers.map((each) => testOf(each, chosen[0] as Int32Array, own, classes)),
    chosen,
  };
};
