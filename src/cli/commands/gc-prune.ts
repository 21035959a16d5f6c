import { gcPruneOptions } from "../../options/commands/prune-net-options.js";
import { defineCommand } from "../command.js";

export const gcPruneCommand = defineCommand({
  name: "gc-prune",
  group: "Compress",
  summary: "Prune channels of grouped convolutions; groups and shuffles stay intact",
  examples: [
    "gc-prune --model models_save/prune/nin_gc_preprune.safetensors --percent 0.4",
    "gc-prune --target-macs 0.6 --dry-run",
  ],
  schema: gcPruneOptions,
  run: async (call, context) => {
    const { runPruning } = await import("../pruning/run-pruning.js");
    const { groupedPruning } = await import("../../workflows/pruning/pruning-call.js");
    await runPruning(groupedPruning(call), context);
  },
});
