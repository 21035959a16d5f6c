import { QpruneError } from "../../base/errors.js";
import { type Agreement, compareLogits } from "../../bnmerge/compare-nets.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { Batch, BatchLoader } from "../../data/batches/batch-loader.js";
import type { Net } from "../../models/net.js";
import { outputsOf } from "../../models/net-spec.js";
import type { Tensor4D } from "../../tensor/tf.js";
import { toImageTensor } from "../../train/image-tensor.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { Scorer } from "../../train/tasks/task.js";
import { taskOf } from "../../train/tasks/task-of.js";
import type { WorkflowContext } from "../context.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { openTestData, untestedReason } from "../testing/open-test-data.js";
import { testLoader } from "../testing/test-net.js";
import type { MergeTestCall } from "./merge-call.js";
import { readMergePair } from "./read-merge-pair.js";

/** The score of a net on the batches so far. */
interface Score {
  readonly scorer: Scorer;
  milliseconds: number;
}

const scoreOf = ({ graph }: Net): Score => ({
  scorer: taskOf(graph).createScorer(),
  milliseconds: 0,
});

/** Runs a net on a batch, adds to its score, and returns the logits. */
const scoreBatch = (
  net: Net,
  images: Tensor4D,
  batch: Batch,
  score: Score,
  now: () => number,
): ArrayLike<number> => {
  const start = now();
  const logits = net.infer(images);
  const values = logits.dataSync();
  score.milliseconds += now() - start;
  score.scorer.add(logits, batch);
  logits.dispose();
  return values;
};

const combined = (one: Agreement, other: Agreement): Agreement => ({
  inputs: one.inputs + other.inputs,
  equalChoices: one.equalChoices + other.equalChoices,
  largestDifference: Math.max(one.largestDifference, other.largestDifference),
  largestLogit: Math.max(one.largestLogit, other.largestLogit),
});

const resultOf = ({ scorer, milliseconds }: Score) => {
  const result = scorer.result();
  return { ...result, imagesPerSecond: (1000 * result.count) / milliseconds };
};

/** Tests both nets in turn on the same batches. */
const testBoth = async (
  [before, after]: readonly [Net, Net],
  loader: BatchLoader,
  { now, signal }: WorkflowContext,
) => {
  const [first, second] = [scoreOf(before), scoreOf(after)];
  const outputs = outputsOf(before.spec);
  let agreement = compareLogits([], [], outputs);
  for await (const batch of loader.epoch(0)) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, before.spec);
    const one = scoreBatch(before, images, batch, first, now);
    const other = scoreBatch(after, images, batch, second, now);
    images.dispose();
    agreement = combined(agreement, compareLogits(one, other, outputs));
  }
  return { results: [resultOf(first), resultOf(second)] as const, agreement };
};

/** The test of one net of a merge. */
export interface TestedSide extends Evaluation {
  readonly file: string;
  readonly imagesPerSecond: number;
}

/** The test of a net before and after its merge. */
export interface MergeTest {
  readonly before: TestedSide;
  readonly after: TestedSide;
  readonly agreement: Agreement;
}

/**
 * Tests a net before and after its merge: accuracy, agreement and speed of both.
 * @throws QpruneError if there are no test images, or the files are not from the same merge.
 */
export const testMerge = async (
  call: MergeTestCall,
  context: WorkflowContext,
): Promise<MergeTest> => {
  const { options, given } = call;
  const { before, after } = await readMergePair(call, context);
  const { path } = before.checkpoint;
  const dataSet = storedDataSetInfo(before.checkpoint);
  const data = await openTestData(
    { ...options, test: true },
    new Set([...given, "data"]),
    { path, dataSet, classes: before.spec.classes },
    context,
  );
  if (data.kind === "none") {
    throw new QpruneError(`There are no images to test on: ${untestedReason(data.untested)}.`);
  }
  await startEngine(options.engine, context);
  const nets = [
    runningNet(before.spec, before.checkpoint),
    runningNet(after.spec, after.checkpoint),
  ] as const;
  const loader = testLoader(data.dataSet, options);
  const { results, agreement } = await testBoth(nets, loader, context).finally(async () => {
    for (const net of nets) net.dispose();
    await loader.close();
  });
  const [first, second] = results;
  return {
    before: { file: path, ...first },
    after: { file: after.checkpoint.path, ...second },
    agreement,
  };
};
