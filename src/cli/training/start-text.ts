import { netCost } from "../../models/net-cost.js";
import type { NetSpec } from "../../models/spec.js";
import { describeQuantization } from "../../quant/describe-quantization.js";
import { shortNumber } from "../../report/short-number.js";
import type { CommandContext } from "../command.js";
import type { TrainingCall } from "../../workflows/training/training-call.js";

/** Where one drop of the learning rate calms a short run: behind this share of its epochs. */
const DROP_SHARE = 0.7;
const MIN_EPOCHS_TO_DROP = 3;

/** What is said of a learning rate that stays, where nobody asked for that; empty otherwise. */
const lateDrops = ({ options, given }: TrainingCall): string => {
  const { epochs, lr, lr_drops: drops } = options;
  if (given.has("lr_drops") || drops.some((drop) => drop <= epochs)) return "";
  const way =
    epochs < MIN_EPOCHS_TO_DROP
      ? "--lr-drops says where it falls"
      : `--lr-drops ${Math.round(DROP_SHARE * epochs)} would lower it`;
  return `The learning rate stays ${lr}: its first drop, at epoch ${drops[0]}, is behind the last; ${way}.\n`;
};

/** Says on stderr, before the first step, which net a run trains. */
export const tellStart = (
  call: TrainingCall,
  spec: NetSpec,
  { stderr }: Pick<CommandContext, "stderr">,
): void => {
  const { parameters, macs } = netCost(spec);
  const size = `${shortNumber(parameters)} parameters, ${shortNumber(macs)} MACs`;
  const { epochs } = call.options;
  const length = epochs === 1 ? "1 epoch" : `${epochs} epochs`;
  stderr.write(`${spec.arch}: ${describeQuantization(spec.quantization)}\n${size}, ${length}\n`);
  stderr.write(lateDrops(call));
};
