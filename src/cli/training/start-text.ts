import { graphCost } from "../../graph/cost.js";
import { graphOf } from "../../models/net-spec.js";
import { describeQuantization } from "../../options/describe-quantization.js";
import { shortNumber } from "../../report/short-number.js";
import type { StartedRun } from "../../workflows/training/started-run.js";

/** For a short run, one drop of the learning rate after this fraction of its epochs helps. */
const DROP_FRACTION = 0.7;
const MIN_EPOCHS_TO_DROP = 3;

/** The notice that the default learning rate drops come too late; empty if they do not. */
const lateDrops = (run: StartedRun): string => {
  const { epochs, learningRate, schedule, lrDropEpochs: drops, areDropsChosen } = run;
  if (schedule !== "steps") return "";
  if (areDropsChosen || drops.length === 0 || drops.some((drop) => drop <= epochs)) return "";
  const advice =
    epochs < MIN_EPOCHS_TO_DROP
      ? "--lr-drops sets the epochs of the drops"
      : `--lr-drops ${Math.round(DROP_FRACTION * epochs)} would lower it`;
  return `The learning rate stays ${learningRate}: its first drop, at epoch ${drops[0]}, is after the last epoch; ${advice}.\n`;
};

/** The description of the net that is printed before the first step. */
export const startText = (run: StartedRun): string => {
  const { spec, epochs } = run;
  const { parameters, macs } = graphCost(graphOf(spec));
  const size = `${shortNumber(parameters)} parameters, ${shortNumber(macs)} MACs`;
  const length = epochs === 1 ? "1 epoch" : `${epochs} epochs`;
  return `${spec.arch}: ${describeQuantization(spec.quantization)}\n${size}, ${length}\n${lateDrops(run)}`;
};
