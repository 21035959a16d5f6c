import { z } from "zod";
import { flag } from "../flag.js";
import { wholeNumber } from "../values/numbers.js";

/** Options that mean the same in several commands. */
export const commonOptions = {
  test_limit: flag(wholeNumber(1).optional(), {
    flag: "--test-limit <n>",
    effect: "result",
    description: "test on the first n test images only",
    group: "Data",
  }),
  num_workers: flag(wholeNumber(0, 64).default(2), {
    flag: "--num_workers <n>",
    effect: "feeding",
    description: "threads that prepare images; 0 uses the main thread",
    group: "Data",
  }),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "allow --save to overwrite the input file",
    group: "Files",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print the result as one JSON object on stdout",
    group: "Output",
  }),
  engine: flag(z.enum(["native", "js"]).optional(), {
    flag: "--engine <name>",
    effect: "source",
    description: "native (TensorFlow) or js (slow, needs no setup); default: native if available",
    group: "Engine",
  }),
  cpu: flag(z.boolean().default(false), {
    flag: "--cpu",
    effect: "only this call",
    description:
      "accepted for compatibility with the reference scripts, but has no effect: the engine always uses the CPU",
    group: "Engine",
  }),
};

/** The option for the size of test batches, under a heading of the command's help. */
export const evalBatchSize = (group: string) =>
  flag(wholeNumber(1).default(256), {
    flag: "--eval_batch_size <n>",
    effect: "extent",
    description: "images per batch when testing",
    group,
  });
