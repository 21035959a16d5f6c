import { shownNames } from "../../base/shown-names.js";
import { TimeLimitReached } from "../../base/time-limit-reached.js";
import { jsonText, visibleText } from "../../base/visible-text.js";
import { trainingStatePathOf } from "../../checkpoint/training/training-state-path.js";
import { shellCommand } from "../../options/names/shell-command.js";
import { lossChart } from "../../report/loss-chart.js";
import type { RateRange } from "../../train/learning-rate-range.js";
import type { EventOf, WorkflowEvent } from "../../workflows/events.js";
import type { StartedRun } from "../../workflows/training/started-run.js";
import { type TrainResult, trainModel } from "../../workflows/training/train-model.js";
import type { TrainingCall } from "../../workflows/training/training-call.js";
import type { CommandContext } from "../command.js";
import { flagName } from "../error-text.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { chooseReporter } from "./choose-reporter.js";
import type { Reporter, ShownRun } from "./reporter.js";
import { withResumeHint } from "./resume-hint.js";
import { startText } from "./start-text.js";

const resumedText = ({ state, epoch, batchesDone }: EventOf<"run-resumed">): string =>
  `Resuming ${state} at epoch ${epoch}${batchesDone === 0 ? "" : `, batch ${batchesDone}`}`;

const unfinishedText = ({ file, kept, isReplacing }: EventOf<"unfinished-run-kept">): string => {
  const replaced = isReplacing ? ", replacing an earlier copy" : "";
  return `${file} is from an unfinished run. It is kept as ${kept.join(" and ")}${replaced}; --resume auto would resume it.`;
};

const renamedText = ({ file, before, dataSet, folder }: EventOf<"classes-renamed">): string =>
  `${file} has the classes ${shownNames(before)}; trained on --data ${visibleText(folder)}, the net will have the classes ${shownNames(dataSet.classNames)}.`;

const headText = ({ file, layer, before, after }: EventOf<"head-replaced">): string =>
  `${file} has ${before} classes, the images have ${after}: ${layer} starts from new weights.`;

const otherDataSetText = ({ file, recorded, dataset }: EventOf<"other-data-set">): string =>
  `${file} was trained on ${recorded} and continues on ${dataset}. For ${recorded}, add --dataset ${recorded}.`;

const completeText = ({ epochs, steps }: EventOf<"run-complete">): string => {
  const [extent, flag] =
    steps === undefined
      ? [epochs === 1 ? "1 epoch" : `${epochs} epochs`, `--epochs ${2 * epochs}`]
      : [steps === 1 ? "1 step" : `${steps} steps`, `--max-steps ${2 * steps}`];
  return `The run is complete (${extent}). To train further, resume it with more, such as ${flag}.`;
};

const incompleteText = ({ path, damage, firstEpoch }: EventOf<"history-incomplete">): string => {
  const why =
    damage === undefined ? "does not exist, or belongs to another run" : `is damaged (${damage})`;
  return `${path} ${why}; the history starts at epoch ${firstEpoch}.`;
};

const noImprovementText = (event: EventOf<"no-improvement">): string => {
  const [start, now] = [event.startAccuracy, event.accuracy].map((each) => `${each.toFixed(2)}%`);
  return `${event.file} has ${now}; the file that the run started from had ${start} and is kept.`;
};

/** The chart of a range test, and the rate that it chose. */
const rateText = ({ points, learningRate }: RateRange, columns: number): string =>
  [
    "Loss over the learning rate:",
    ...lossChart(points, learningRate, columns),
    `Learning rate: ${learningRate}, a tenth of that of the lowest loss.`,
  ].join("\n");

const resumeCall = ({ command }: TrainingCall, state: string): string =>
  shellCommand([command, "--resume", state]);

/** For --evaluate, which trains nothing. */
const NOTHING_TRAINED: ShownRun = { trainImages: 0, epochs: 0, chosenBy: "test" };

/** Prints the progress of training. */
export const trainingPresenter = (
  call: TrainingCall,
  context: CommandContext,
): Presenter<TrainResult> => {
  const { options, schema } = call;
  const { json, quiet } = options;
  const printer = createEventPrinter(context, options);
  const write = (line: string): void => context.stderr.write(`${line}\n`);
  let run: StartedRun | undefined;
  let reporter: Reporter | undefined;
  let failedState: string | undefined;
  const show = (): Reporter => {
    reporter ??= chooseReporter(options, run ?? NOTHING_TRAINED, context);
    return reporter;
  };
  const interrupted = ({ file, isTested, because }: EventOf<"run-interrupted">): void => {
    reporter?.close();
    const why = because === "time limit" ? "The time limit is reached." : "Interrupted.";
    const what = isTested ? "The best net so far" : "The current, untested net";
    write(`${why} ${what} is in ${file}.`);
    // A recipe itself prints how to resume.
    if (!context.isStage) write(`Resume with: ${resumeCall(call, trainingStatePathOf(file))}`);
  };
  const event = (each: WorkflowEvent): void => {
    switch (each.kind) {
      case "run-resumed":
        if (!json && !quiet) write(resumedText(each));
        for (const { option, now, before } of each.changes) {
          const value = `${flagName(option, schema)} ${String(now ?? "none")}`;
          write(`Changed: ${value} (the run has ${String(before ?? "none")})`);
        }
        return;
      case "run-started":
        run = each.run;
        if (!json) context.stderr.write(startText(run));
        return;
      case "unfinished-run-kept":
        if (!json && !context.isStage) write(unfinishedText(each));
        return;
      case "classes-renamed":
        if (!json) write(renamedText(each));
        return;
      case "head-replaced":
        if (!json) write(headText(each));
        return;
      case "other-data-set":
        if (!json) write(otherDataSetText(each));
        return;
      case "run-complete":
        if (!json && !context.isStage) write(completeText(each));
        return;
      case "rate-test-started":
        if (!json && !quiet) write("Testing learning rates");
        return;
      case "rate-found":
        if (json) context.stdout.write(`${jsonText({ event: "learning-rate", ...each.range })}\n`);
        else write(rateText(each.range, context.stderr.columns));
        return;
      case "training-started":
        show().start();
        return;
      case "step":
        show().step(each.step);
        return;
      case "testing":
        show().testing(each.imagesSeen, each.images);
        return;
      case "epoch":
        show().epoch(each.epoch);
        return;
      case "evaluated":
        show().evaluated(each.result);
        return;
      case "history-incomplete":
        write(incompleteText(each));
        return;
      case "history-not-written":
        write(`The history is not written, but training continues: ${each.reason}`);
        return;
      case "run-interrupted":
        interrupted(each);
        return;
      case "no-improvement":
        write(noImprovementText(each));
        return;
      case "run-failed":
        failedState = each.state;
        return;
      default:
        printer.event(each);
    }
  };
  return {
    event,
    result: (result) => {
      if (result.kind === "trained") show().done(result);
      if (result.kind === "assisted" && !json && !quiet) {
        write(`Worker ${result.worker} is done; worker 0 has the results.`);
      }
      // The recipe of a stage, or the signal, ends the command otherwise.
      const isOutOfTime = result.kind === "interrupted" && !context.signal.aborted;
      if (isOutOfTime && !context.isStage) throw new TimeLimitReached();
    },
    failure: (error) => {
      if (context.isStage || context.signal.aborted) return error;
      const advice =
        failedState && `resume from the last training state with: ${resumeCall(call, failedState)}`;
      return withResumeHint(error, advice);
    },
    close: () => {
      reporter?.close();
      printer.close();
    },
  };
};

/** Trains or tests a net and prints the progress. */
export const runTraining = (call: TrainingCall, context: CommandContext): Promise<void> =>
  present((workflow) => trainModel(call, workflow), trainingPresenter(call, context), context);
