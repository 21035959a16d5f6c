import { QpruneError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { type Agreement, compareLogits } from "../../bnmerge/compare-nets.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { Batch, BatchLoader } from "../../data/batches/batch-loader.js";
import type { Net } from "../../models/net.js";
import type { Tensor4D } from "../../tensor/tf.js";
import { scoreLogits } from "../../train/evaluate.js";
import { toImageTensor } from "../../train/image-tensor.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { openTestData } from "../images/open-test-data.js";
import { testLoader } from "../images/test-net.js";
import { testLine } from "../../cli/training/text-reporter.js";
import { type MergeTestCall, readMergePair } from "./read-merge-pair.js";

/** What one of the nets did on the batches so far. */
interface Score {
  loss: number;
  correct: number;
  milliseconds: number;
}

/** One batch through one net: its logits, with its share of the score added. */
const scoreBatch = (
  net: Net,
  images: Tensor4D,
  { labels, count }: Batch,
  score: Score,
  now: () => number,
): ArrayLike<number> => {
  const start = now();
  const logits = net.infer(images);
  const values = logits.dataSync();
  score.milliseconds += now() - start;
  const { loss, hits } = scoreLogits(logits, labels);
  score.loss += loss * count;
  score.correct += hits;
  logits.dispose();
  return values;
};

const joined = (one: Agreement, other: Agreement): Agreement => ({
  inputs: one.inputs + other.inputs,
  equalChoices: one.equalChoices + other.equalChoices,
  largestDifference: Math.max(one.largestDifference, other.largestDifference),
  largestLogit: Math.max(one.largestLogit, other.largestLogit),
});

const resultOf = ({ loss, correct, milliseconds }: Score, count: number) => ({
  loss: loss / count,
  correct,
  count,
  accuracy: (100 * correct) / count,
  imagesPerSecond: (1000 * count) / milliseconds,
});

/** Both nets on the same batches, in turns. */
const testBoth = async (
  [before, after]: readonly [Net, Net],
  loader: BatchLoader,
  { now, signal }: CommandContext,
) => {
  const scores = [before, after].map((): Score => ({ loss: 0, correct: 0, milliseconds: 0 }));
  const [first, second] = scores as [Score, Score];
  let agreement = compareLogits([], [], before.spec.classes);
  for await (const batch of loader.epoch(0)) {
    signal.throwIfAborted();
    const images = toImageTensor(batch, before.spec);
    const one = scoreBatch(before, images, batch, first, now);
    const other = scoreBatch(after, images, batch, second, now);
    images.dispose();
    agreement = joined(agreement, compareLogits(one, other, before.spec.classes));
  }
  return { results: scores.map((score) => resultOf(score, agreement.inputs)), agreement };
};

/** The test images through a net before and after its merge: both test lines, agreement, speed. */
export const runMergeTest = async (call: MergeTestCall, context: CommandContext): Promise<void> => {
  const { options, given } = call;
  const { before, after } = await readMergePair(call, context);
  const data = await openTestData(
    { ...options, test: true },
    new Set([...given, "data"]),
    {
      path: before.checkpoint.path,
      dataSet: storedDataSetInfo(before.checkpoint),
      classes: before.spec.classes,
    },
    context,
  );
  if (data.kind === "none") throw new QpruneError(`There is nothing to test on: ${data.why}.`);
  await startEngine(options.engine ?? "auto", context);
  const nets = [
    runningNet(before.spec, before.checkpoint),
    runningNet(after.spec, after.checkpoint),
  ] as const;
  const loader = testLoader(data.dataSet, options);
  const { results, agreement } = await testBoth(nets, loader, context).finally(async () => {
    for (const net of nets) net.dispose();
    await loader.close();
  });
  const names = [before.checkpoint.path, after.checkpoint.path];
  if (options.json) {
    const [first, second] = names.map((file, at) => ({ file, ...results[at] }));
    context.stdout.write(`${jsonText({ before: first, after: second, ...agreement })}\n`);
    return;
  }
  const share = (100 * agreement.equalChoices) / agreement.inputs;
  context.stdout.write(
    [
      ...results.map((result, at) => `${names[at]}\n${testLine(result)}`),
      `Equal predictions: ${agreement.equalChoices}/${agreement.inputs} (${share.toFixed(2)}%), `,
      `largest difference of the logits ${agreement.largestDifference.toExponential(2)}\n`,
      `Speed: ${results.map(({ imagesPerSecond }) => `${imagesPerSecond.toFixed(0)} images/s`).join(" before, ")} after\n`,
    ].join(""),
  );
};
