import { bnMergeTestOptions } from "../../options/commands/merge-options.js";
import { defineCommand } from "../command.js";

export const bnMergeTestCommand = defineCommand({
  name: "bn-merge-test",
  alias: "merge-test",
  group: "Compress",
  summary: "Compare a net before and after merging its batch norms, on the test images",
  examples: [
    "bn-merge-test --data ./data",
    "bn-merge-test --before quan_model.safetensors --after merged.safetensors",
  ],
  schema: bnMergeTestOptions,
  run: async (call, context) => {
    const { runMergeTest } = await import("../merging/run-merge.js");
    await runMergeTest(call, context);
  },
});
