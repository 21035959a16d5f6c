import { z } from "zod";
import { DATA_SET_NAMES } from "../../data/data-set.js";
import { flag } from "../flag.js";
import { fileName } from "../values/file-name.js";
import { wholeNumber } from "../values/numbers.js";
import { imageFolderOptions } from "./image-folder-options.js";

/** Options of commands that test nets, such as before and after changing them. */
export const testOptions = {
  test: flag(z.boolean().default(true), {
    flag: "--test",
    effect: "result",
    negatable: true,
    description: "compare accuracies on the test images, if available; --no-test skips this",
    group: "Data",
  }),
  dataset: flag(z.enum(DATA_SET_NAMES).optional(), {
    flag: "--dataset <name>",
    effect: "another run",
    description: `${DATA_SET_NAMES.join(", ")}; default: as recorded in the file`,
    group: "Data",
  }),
  data: flag(fileName().default("./data"), {
    flag: "--data <dir>",
    effect: "feeding",
    description: "folder with the data set's files or with your own images",
    group: "Data",
  }),
  test_limit: flag(wholeNumber(1).optional(), {
    flag: "--test-limit <n>",
    effect: "result",
    description: "test on the first n test images only",
    group: "Data",
  }),
  max_damaged: imageFolderOptions.max_damaged,
  eval_batch_size: flag(wholeNumber(1).default(256), {
    flag: "--eval_batch_size <n>",
    effect: "extent",
    description: "images per batch when testing",
    group: "Data",
  }),
  num_workers: flag(wholeNumber(0, 64).default(2), {
    flag: "--num_workers <n>",
    effect: "feeding",
    description: "threads that prepare images; 0 uses the main thread",
    group: "Data",
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

/** Parsed {@link testOptions}. */
export type TestOptions = z.output<z.ZodObject<typeof testOptions>>;
