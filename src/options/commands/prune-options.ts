import { z } from "zod";
import { fileName } from "../file-name.js";
import { flag } from "../flag.js";
import { positiveNumber } from "../numbers.js";
import { netOptions, newTrainingOptions, originalTrainingOptions } from "./training-options.js";

const WEIGHT_DECAY = 1e-7;
const GROUP = "Sparse training";

/** Options of `qprune prune`: float training; nothing is quantized. */
export const pruneOptions = z.object({
  sparsity_regularization: flag(z.boolean().default(false), {
    flag: "-sr, --sparsity-regularization",
    effect: "result",
    valueFlag: "--s",
    description: "sparse training: press the gammas of all norms towards 0",
    group: GROUP,
  }),
  s: flag(positiveNumber().default(0.0001), {
    flag: "--s <lambda>",
    effect: "result",
    description:
      "with -sr: s sign(gamma) is added to the gradient of gamma; advice: 0.0001 for nin, 0.001 for nin_gc",
    group: GROUP,
  }),
  ...netOptions("nin", ["nin", "nin_gc"]),
  ...originalTrainingOptions(WEIGHT_DECAY),
  ...newTrainingOptions,
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description:
      "where the best net goes, .safetensors or .pth (default: models_save/prune/<arch>.safetensors; <arch>_preprune with -sr, <arch>_refine with --refine)",
    group: "Files",
  }),
});
