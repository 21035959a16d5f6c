import { jsonText } from "../../base/visible-text.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { ChosenBy } from "../../workflows/training/started-run.js";
import type { CommandContext } from "../command.js";
import type { Reporter } from "./reporter.js";
import { createSpeedMeter } from "./speed-meter.js";

/** Mean average precisions of a detector, whose accuracy is that at an overlap of 0.5. */
const precisionFields = (images: ChosenBy, { precisions }: Evaluation) =>
  precisions ? { [`${images}Precisions`]: precisions } : {};

/** Prints one JSON object per line on stdout. JSON has no NaN, so a loss that was not measured is null. */
export const jsonReporter = (
  context: CommandContext,
  logEvery: number,
  chosenBy: ChosenBy,
): Reporter => {
  const meter = createSpeedMeter(context.now);
  const emit = (event: object): void => context.stdout.write(`${jsonText(event)}\n`);
  let epochStart = context.now();
  return {
    start: () => {
      meter.restart();
      epochStart = context.now();
    },
    step: ({ epoch, step, batch, batchImages, loss }) => {
      meter.count(batchImages);
      if (!Number.isFinite(logEvery) || batch % logEvery !== 0) return;
      emit({ event: "step", epoch, step, loss, imagesPerSecond: meter.read() });
    },
    testing: () => {},
    epoch: ({ epoch, trainLoss, trainAccuracy, test, bestAccuracy, gammaPercentiles }) => {
      emit({
        event: "epoch",
        epoch,
        trainLoss,
        trainAccuracy,
        [`${chosenBy}Loss`]: test.loss,
        [`${chosenBy}Accuracy`]: test.accuracy,
        ...precisionFields(chosenBy, test),
        bestAccuracy,
        ...(gammaPercentiles && { gammaPercentiles }),
        seconds: (context.now() - epochStart) / 1000,
      });
      meter.restart();
      epochStart = context.now();
    },
    evaluated: ({ file, evaluation, seconds }) =>
      emit({
        event: "evaluation",
        file,
        testLoss: evaluation.loss,
        testAccuracy: evaluation.accuracy,
        ...precisionFields("test", evaluation),
        correct: evaluation.correct,
        images: evaluation.count,
        imagesPerSecond: evaluation.count / seconds,
        seconds,
      }),
    done: ({ kind: _, ...result }) =>
      emit({ event: "done", ...result, bestAccuracy: result.bestAccuracy ?? null }),
    close: () => {},
  };
};
