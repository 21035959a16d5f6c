import { z } from "zod";
import { DATA_SET_NAMES } from "../../data/data-set.js";
import { flag } from "../flag.js";
import { fileName } from "../values/file-name.js";
import { commonOptions, evalBatchSize } from "./common-options.js";
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
  test_limit: commonOptions.test_limit,
  max_damaged: imageFolderOptions.max_damaged,
  eval_batch_size: evalBatchSize("Data"),
  num_workers: commonOptions.num_workers,
  engine: commonOptions.engine,
  cpu: commonOptions.cpu,
};

/** Parsed {@link testOptions}. */
export type TestOptions = z.output<z.ZodObject<typeof testOptions>>;
