import { z } from "zod";
import { flag } from "../flag.js";
import {
  additionalTrainingOptions,
  netOptions,
  referenceTrainingOptions,
} from "../groups/training-options.js";
import { fileName } from "../values/file-name.js";
import { positiveNumber } from "../values/numbers.js";

const WEIGHT_DECAY = 1e-7;
const GROUP = "Sparse training";

/** Options of `qprune prune`: float training; nothing is quantized. */
export const pruneOptions = z.object({
  sparsity_regularization: flag(z.boolean().default(false), {
    flag: "-sr, --sparsity-regularization",
    effect: "result",
    valueFlag: "--s",
    description: "sparse training: push the gammas of all batch norms toward 0",
    group: GROUP,
  }),
  s: flag(positiveNumber().default(0.0001), {
    flag: "--s <lambda>",
    effect: "result",
    description:
      "with -sr: add s * sign(gamma) to the gradient of gamma; try 0.0001 for nin, 0.001 for nin_gc",
    group: GROUP,
  }),
  group_lasso: flag(z.boolean().default(false), {
    flag: "--group-lasso",
    effect: "result",
    description:
      "with -sr: penalize the gammas of each channel group together, so that layers which are pruned together become sparse in the same channels",
    group: GROUP,
  }),
  ...netOptions("nin", ["nin", "nin_gc"]),
  ...referenceTrainingOptions(WEIGHT_DECAY),
  ...additionalTrainingOptions,
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description:
      "where to write the best net, .safetensors or .pth (default: models_save/prune/<arch>.safetensors; <arch>_preprune with -sr, <arch>_refine with --refine or --pretrained)",
    group: "Files",
  }),
});
