import { chosenClasses } from "../../base/chosen-classes.js";
import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { ComparedTest } from "../../report/comparison/comparison.js";
import { scoreLogits } from "../../train/evaluate.js";
import { toImageTensor } from "../../train/image-tensor.js";

/** What a net said to the images so far. */
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
  labels.forEach((label, at) => {
    const row = counts[label] as number[];
    const choice = chosen[at] as number;
    row[choice] = (row[choice] as number) + 1;
  });
  return counts;
};

const equalCount = (one: Int32Array, other: Int32Array): number =>
  one.filter((value, at) => value === other[at]).length;

/** Images that a net has right and another one wrong. */
const onlyRightCount = (labels: Int32Array, one: Int32Array, other: Int32Array): number =>
  labels.filter((label, at) => one[at] === label && other[at] !== label).length;

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

/** What nets did on the test images, and the class that each gave to each image. */
export interface NetTests {
  readonly tests: readonly ComparedTest[];
  readonly chosen: readonly Int32Array[];
}

/** All nets on the same batches of the test images, in turns. */
export const testNets = async (
  nets: readonly Net[],
  { test: { labels, count } }: DataSet,
  loader: BatchLoader,
  /** Told of the images so far behind every batch. */
  onBatch: (seen: number) => void,
): Promise<NetTests> => {
  const answers = nets.map((): Answers => ({ lossSum: 0, chosen: new Int32Array(count) }));
  let seen = 0;
  for await (const batch of loader.epoch(0)) {
    nets.forEach((net, at) => {
      const images = toImageTensor(batch, net.spec);
      const logits = net.infer(images);
      const own = answers[at] as Answers;
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
