import { pruneOptions } from "../../options/commands/prune-options.js";
import { defineCommand } from "../command.js";

export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Train in float: plainly, sparsely before pruning (-sr), a pruned net (--refine)",
  examples: [
    "prune -sr --s 0.0001",
    "prune --arch nin_gc -sr --s 0.001",
    "prune --refine models_save/prune/nin_prune.safetensors",
  ],
  schema: pruneOptions,
  run: async ({ options, given, argv }, context) => {
    const { runTraining } = await import("../../workflows/training/train-model.js");
    const { resolveSparsity } = await import("../../options/resolve-sparsity.js");
    const sparsityLambda = resolveSparsity(options, given);
    const preprune = sparsityLambda === undefined ? undefined : "preprune";
    await runTraining(
      {
        // Every gamma is trained: that is what pruning goes by.
        options: { ...options, fixed_gamma: false },
        given,
        argv,
        command: "prune",
        schema: pruneOptions,
        sequence: "tnn_bin",
        gammaStart: "ones",
        quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
        sparsityLambda,
        stage: options.refine === undefined ? preprune : "refine",
      },
      context,
    );
  },
});
