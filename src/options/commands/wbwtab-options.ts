import { z } from "zod";
import { quantizationOptions } from "../groups/quantization-options.js";
import {
  additionalTrainingOptions,
  netOptions,
  referenceTrainingOptions,
} from "../groups/training-options.js";

const WEIGHT_DECAY = 0;

/** Options of `qprune wbwtab`: binary weights and activations by default. */
export const wbwtabOptions = z.object({
  ...quantizationOptions({ W: 2, A: 2 }),
  ...netOptions("nin_gc"),
  ...referenceTrainingOptions(WEIGHT_DECAY),
  ...additionalTrainingOptions,
});
