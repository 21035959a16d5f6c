import { pruneOptions } from "../../options/commands/prune-options.js";
import { defineCommand } from "../command.js";

export const pruneCommand = defineCommand({
  name: "prune",
  alias: "train",
  group: "Train",
  summary:
    "Train in float: from scratch, sparsely before pruning (-sr), or to fine-tune a pruned net (--refine)",
  examples: [
    "prune -sr --s 0.0001",
    "prune --arch nin_gc -sr --s 0.001",
    "prune --refine models_save/prune/nin_prune.safetensors",
  ],
  schema: pruneOptions,
  run: async (call, context) => {
    const { runTraining } = await import("../training/run-training.js");
    const { floatTraining } = await import("../../workflows/training/training-call.js");
    await runTraining(floatTraining(call), context);
  },
});
