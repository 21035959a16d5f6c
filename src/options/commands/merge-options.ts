import { z } from "zod";
import { fileName } from "../file-name.js";
import { flag } from "../flag.js";
import { keyOption } from "../key-option.js";
import { quantizationOptions } from "./quantization-options.js";
import { testOptions } from "./test-options.js";

const { W, A, Wbits, Abits, alpha } = quantizationOptions({ W: 2, A: 2 });

const json = flag(z.boolean().default(false), {
  flag: "--json",
  effect: "only this call",
  description: "the result as one JSON object on stdout",
  group: "Output",
});

/** Where `qprune bn-merge` puts the net before and after, and where `qprune bn-merge-test` looks for them. */
export const BAKED_FILE = "models_save/bn_merge/quan_model.safetensors";
export const MERGED_FILE = "models_save/bn_merge/quan_bn_merge_model.safetensors";
export const MODEL_TO_MERGE = "models_save/wbwtab/nin_gc.safetensors";

/** Options of `qprune bn-merge`. */
export const bnMergeOptions = z.object({
  W,
  A,
  Wbits,
  Abits,
  alpha,
  model: flag(fileName().optional(), {
    flag: "--model <file>",
    effect: "source",
    description: `the trained net (default: ${MODEL_TO_MERGE}, else the newest there that fits --W and --A); it tells its quantization, flags are for files that do not`,
    group: "Files",
  }),
  key: keyOption("Files"),
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description: `where the merged net goes (default: ${MERGED_FILE})`,
    group: "Files",
  }),
  save_before: flag(fileName().optional(), {
    flag: "--save-before <file>",
    effect: "source",
    description: `where the net goes as it was before the merge, baked (default: ${BAKED_FILE})`,
    group: "Files",
  }),
  dump: flag(fileName().optional(), {
    flag: "--dump <dir>",
    effect: "source",
    description: "write both nets as text too: NAME.txt (layers) and NAME_para.txt (numbers)",
    group: "Files",
  }),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "allow --save to overwrite the file that is read",
    group: "Files",
  }),
  json,
  ...testOptions,
});

const { test: _, ...dataOptions } = testOptions;

/** Options of `qprune bn-merge-test`. */
export const bnMergeTestOptions = z.object({
  before: flag(fileName().default(BAKED_FILE), {
    flag: "--before <file>",
    effect: "source",
    description: "the net with its batch norms",
    group: "Files",
  }),
  after: flag(fileName().default(MERGED_FILE), {
    flag: "--after <file>",
    effect: "source",
    description: "the merged net",
    group: "Files",
  }),
  json,
  epochs: flag(z.string().optional(), {
    flag: "--epochs <n>",
    effect: "extent",
    description: "accepted as in the original, without effect",
    group: "Files",
  }),
  ...dataOptions,
});
