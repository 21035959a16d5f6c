import { bnMergeTestOptions } from "../../options/commands/merge-options.js";
import { defineCommand } from "../command.js";

export const bnMergeTestCommand = defineCommand({
  name: "bn-merge-test",
  alias: "merge-test",
  group: "Compress",
  summary: "Run the test images through a net before and after the merge of its batch norms",
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
