import type { GammaPercentiles } from "../../train/gamma-percentiles.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { StepEvent } from "../../train/training-run.js";
import type { InputSpeed } from "../../workflows/training/input-meter.js";
import type { TrainedModel } from "../../workflows/training/run-epochs.js";
import type { ChosenBy } from "../../workflows/training/started-run.js";
import type { CommandContext } from "../command.js";
import type { Reporter } from "./reporter.js";

const SET = { test: "Test", validation: "Validation" } as const;

/** Mean average precisions as text; of images without objects there are none. */
const precisionsText = ({ at50, mean }: NonNullable<Evaluation["precisions"]>): string => {
  const percent = (value: number | null): string => (value === null ? "–" : `${value.toFixed(2)}%`);
  return `mAP@0.5: ${percent(at50)}, mAP@[0.5:0.95]: ${percent(mean)}`;
};

/** The line that the reference scripts print after a test, or the precisions of a detector. */
export const testLine = (
  { loss, correct, count, accuracy, precisions }: Evaluation,
  images: ChosenBy = "test",
): string => {
  const start = `${SET[images]} set: Average loss: ${loss.toFixed(4)}`;
  if (!precisions) {
    return `${start}, Accuracy: ${correct}/${count} (${accuracy.toFixed(2)}%)\n`;
  }
  return `${start}, ${precisionsText(precisions)}, ${correct}/${count} images without a mistake\n`;
};

/** Percentiles of |gamma| in sparse training. */
const gammaLine = (percentiles: GammaPercentiles): string => {
  const each = Object.entries(percentiles).map(
    ([percent, value]) => `${percent}% ${value.toPrecision(3)}`,
  );
  return `Percentiles of |gamma|: ${each.join(", ")}\n`;
};

/** The speed of loading images alone next to that of training: if they are close, loading is the bottleneck. */
const inputLine = ({
  inputImagesPerSecond: input,
  trainImagesPerSecond: train,
  waitingShare,
}: Partial<InputSpeed>): string => {
  if (train === undefined || waitingShare === undefined) return "";
  const alone = input === undefined ? "" : `Input alone: ${input.toFixed(0)} images/s\n`;
  const waiting = (100 * waitingShare).toFixed(1);
  return `${alone}Training: ${train.toFixed(0)} images/s, waiting for images ${waiting}% of the time\n`;
};

/** The accuracy of the saved net, or the precision of a detector. */
const accuracyText = (
  { bestAccuracy: best, lastAccuracy: last }: Pick<TrainedModel, "bestAccuracy" | "lastAccuracy">,
  measure: string,
): string => {
  if (last !== undefined) return `, ${measure} of the last epoch ${last.toFixed(2)}%`;
  return best === undefined ? "" : `, best ${measure} ${best.toFixed(2)}%`;
};

/** Prints the results of a run on stdout, with and without a progress bar. */
export const resultLines = (
  { stdout }: CommandContext,
  chosenBy: ChosenBy,
): Pick<Reporter, "epoch" | "evaluated" | "done"> => {
  let measure = "accuracy";
  return {
    epoch: ({ test, bestAccuracy, gammaPercentiles }) => {
      const title = test.precisions ? "Best mAP@0.5" : "Best Accuracy";
      if (test.precisions) measure = "mAP@0.5";
      stdout.write(`${testLine(test, chosenBy)}${title}: ${bestAccuracy.toFixed(2)}%\n`);
      if (gammaPercentiles) stdout.write(gammaLine(gammaPercentiles));
    },
    evaluated: ({ evaluation, seconds }) => {
      const speed = (evaluation.count / seconds).toFixed(0);
      stdout.write(`${testLine(evaluation)}${seconds.toFixed(1)} s, ${speed} images/s\n`);
    },
    done: ({ file, bestAccuracy, lastAccuracy, seconds, peakMemoryMb, ...speed }) => {
      const best = accuracyText({ bestAccuracy, lastAccuracy }, measure);
      const cost = `${seconds.toFixed(1)} s, peak memory ${peakMemoryMb.toFixed(0)} MiB`;
      stdout.write(`${inputLine(speed)}Saved ${file}${best} (${cost})\n`);
    },
  };
};

/** Four significant digits: a schedule's rate is 0.0008, not 0.0007999999999999986. */
const rateText = (learningRate: number): string => String(Number(learningRate.toPrecision(4)));

/** The line that the reference scripts print for a training step. */
const stepLine = (
  { epoch, imagesSeen, batchImages, batch, batches, loss, learningRate }: StepEvent,
  total: number,
): string => {
  const percent = ((100 * batch) / batches).toFixed(0);
  const seenBefore = imagesSeen - batchImages;
  return `Train Epoch: ${epoch} [${seenBefore}/${total} (${percent}%)]\tLoss: ${loss.toFixed(6)}\tLR: ${rateText(learningRate)}\n`;
};

export interface LineReporterOptions {
  readonly logEvery: number;
  readonly trainImages: number;
  /** Prints only the results. */
  readonly quiet: boolean;
  readonly chosenBy: ChosenBy;
}

/** Prints the lines of the reference scripts; progress goes to stderr. */
export const lineReporter = (context: CommandContext, options: LineReporterOptions): Reporter => ({
  ...resultLines(context, options.chosenBy),
  start: () => {},
  step: (event) => {
    if (options.quiet || event.batch % options.logEvery !== 0) return;
    context.stderr.write(stepLine(event, options.trainImages));
  },
  testing: () => {},
  close: () => {},
});
