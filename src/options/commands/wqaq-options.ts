import { z } from "zod";
import { quantizationOptions } from "../groups/quantization-options.js";
import {
  additionalTrainingOptions,
  netOptions,
  referenceTrainingOptions,
} from "../groups/training-options.js";

const WEIGHT_DECAY = 1e-5;

/** Options of `qprune wqaq`: DoReFa training by default. */
export const wqaqOptions = z.object({
  ...quantizationOptions({ Wbits: 8, Abits: 8 }),
  ...netOptions("nin_gc"),
  ...referenceTrainingOptions(WEIGHT_DECAY),
  ...additionalTrainingOptions,
});
