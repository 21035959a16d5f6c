import { wbwtabOptions } from "../../options/commands/wbwtab-options.js";
import { defineCommand } from "../command.js";

export const wbwtabCommand = defineCommand({
  name: "wbwtab",
  group: "Train",
  summary: "Train with binary or ternary weights and activations (BNN, XNOR-Net, TWN)",
  examples: [
    "wbwtab --W 2 --A 2",
    "wbwtab --arch nin --W 3 --gap --A 32",
    "wbwtab --W 2 --Abits 8 --dataset digits --epochs 2 --lr-drops none",
  ],
  schema: wbwtabOptions,
  run: async (call, context) => {
    const { runTraining } = await import("../training/run-training.js");
    const { binaryTraining } = await import("../../workflows/training/training-call.js");
    await runTraining(binaryTraining(call), context);
  },
});
