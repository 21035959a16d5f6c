import { bnMergeOptions } from "../../options/commands/merge-options.js";
import { defineCommand } from "../command.js";

export const bnMergeCommand = defineCommand({
  name: "bn-merge",
  alias: "merge",
  group: "Compress",
  summary: "Fold the batch norms of a trained net, and compare the nets before and after",
  examples: [
    "bn-merge --W 2",
    "bn-merge --model models_save/wqaq/nin.safetensors --save nin-merged.safetensors",
    "bn-merge --model models_save/wbwtab/nin_gc.safetensors --dump text",
  ],
  schema: bnMergeOptions,
  run: async (call, context) => {
    const { runMerge } = await import("../merging/run-merge.js");
    await runMerge(call, context);
  },
});
