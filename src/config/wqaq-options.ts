import { z } from "zod";
import { flag } from "./flag.js";
import { bits } from "./numbers.js";
import { netOptions, newTrainingOptions, originalTrainingOptions } from "./training-options.js";

const WEIGHT_DECAY = 1e-5;

/** Options of `qprune wqaq`: DoReFa training. */
export const wqaqOptions = z.object({
  Wbits: flag(bits().default(8), {
    flag: "--Wbits <bits>",
    aliases: ["--w-bits"],
    description: "bits of the weights: 1 to 8, or 32",
    group: "Quantization",
  }),
  Abits: flag(bits().default(8), {
    flag: "--Abits <bits>",
    aliases: ["--a-bits"],
    description: "bits of the activations: 1 to 8, or 32",
    group: "Quantization",
  }),
  ...netOptions,
  ...originalTrainingOptions(WEIGHT_DECAY),
  ...newTrainingOptions,
});
