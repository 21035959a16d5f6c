import { launchOptions } from "../../options/commands/launch-options.js";
import { defineCommand } from "../command.js";

export const launchCommand = defineCommand({
  name: "launch",
  group: "Train",
  summary:
    "Start a training command as several workers on this machine, to try what several machines do",
  examples: [
    "launch --processes 2 -- wqaq --dataset digits --arch nin --width 0.25 --epochs 2",
    "launch --processes 4 -- prune --dataset digits --train_batch_size 16 --sync-bn --resume auto",
  ],
  arguments: [
    {
      key: "command",
      description: "a training command with its flags, after --",
      isVariadic: true,
    },
  ],
  schema: launchOptions,
  run: async (call, context) => {
    const { runLaunch } = await import("../launching/run-launch.js");
    await runLaunch(call, context);
  },
});
