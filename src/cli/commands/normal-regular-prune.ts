import { normalRegularPruneOptions } from "../../options/commands/prune-net-options.js";
import { defineCommand } from "../command.js";

export const normalRegularPruneCommand = defineCommand({
  name: "normal-regular-prune",
  alias: "prune-channels",
  group: "Compress",
  summary: "Prune channels to any widths (normal) or to multiples of n (regular)",
  examples: [
    "normal-regular-prune --model models_save/prune/nin_preprune.safetensors --percent 0.5 --normal_regular 8",
    "normal-regular-prune --target-macs 0.5 --dry-run",
    "normal-regular-prune --layer-percent 0.5,0.5,0.3,0.3,0.5,0.5,0.2,0.2 --plan plan.json",
  ],
  schema: normalRegularPruneOptions,
  run: async (call, context) => {
    const { runPruning } = await import("../pruning/run-pruning.js");
    const { regularPruning } = await import("../../workflows/pruning/pruning-call.js");
    await runPruning(regularPruning(call), context);
  },
});
