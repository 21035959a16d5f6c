import { SingleBar } from "cli-progress";
import type { CommandContext } from "../command.js";
import type { Reporter, ShownRun } from "./reporter.js";
import { createSpeedMeter } from "./speed-meter.js";
import { resultLines } from "./text-reporter.js";

/** Speeds are averaged over about this many milliseconds. */
const SPEED_WINDOW_MS = 2000;

const durationText = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0]) return `${parts[0]}h${String(parts[1]).padStart(2, "0")}m`;
  return parts[1] ? `${parts[1]}m${String(parts[2]).padStart(2, "0")}s` : `${parts[2]}s`;
};

/** A progress bar per epoch for terminals, with loss, speed and the time left in the epoch. */
export const barReporter = (context: CommandContext, options: ShownRun): Reporter => {
  const meter = createSpeedMeter(context.now);
  const results = resultLines(context, options.chosenBy);
  let bar: SingleBar | undefined;
  let shownSpeed = 0;
  let readAt = 0;
  let started = 0;

  const open = (label: string, total: number): SingleBar => {
    const width = Math.max(8, Math.min(30, context.stderr.columns - 62));
    const made = new SingleBar({
      format: `${label} {bar} {percentage}% {note}`,
      barsize: width,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    });
    made.start(total, 0, { note: "" });
    return made;
  };
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const speedNow = (): number => {
    if (context.now() - readAt > SPEED_WINDOW_MS || shownSpeed === 0) {
      shownSpeed = meter.read();
      readAt = context.now();
    }
    return shownSpeed;
  };

  return {
    start: () => {
      meter.restart();
      readAt = context.now();
    },
    step: ({ epoch, imagesSeen, batchImages, loss }) => {
      meter.count(batchImages);
      bar ??= open(`Epoch ${epoch}/${options.epochs}`, options.trainImages);
      const speed = speedNow();
      const left = durationText((options.trainImages - imagesSeen) / speed);
      bar.update(imagesSeen, {
        note: `loss ${loss.toFixed(4)}  ${speed.toFixed(0)} images/s  ${left} left`,
      });
    },
    testing: (imagesSeen, images) => {
      if (started === 0) {
        close();
        bar = open("Testing", images);
      }
      started = imagesSeen === images ? 0 : imagesSeen;
      bar?.update(imagesSeen, { note: "" });
      if (started === 0) close();
    },
    epoch: (event) => {
      close();
      context.stdout.write(`Epoch ${event.epoch}: train loss ${event.trainLoss.toFixed(4)}\n`);
      results.epoch(event);
      meter.restart();
    },
    evaluated: (result) => {
      close();
      results.evaluated(result);
    },
    done: (result) => {
      close();
      results.done(result);
    },
    close,
  };
};
