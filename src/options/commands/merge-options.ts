import { z } from "zod";
import { flag } from "../flag.js";
import { commonOptions } from "../groups/common-options.js";
import { quantizationOptions } from "../groups/quantization-options.js";
import { testOptions } from "../groups/test-options.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";

const { W, A, Wbits, Abits, alpha } = quantizationOptions({ W: 2, A: 2 });

const { json } = commonOptions;

/** Where `qprune bn-merge` writes the nets before and after merging, and `qprune bn-merge-test` reads them. */
export const QUANTIZED_FILE = "models_save/bn_merge/quan_model.safetensors";
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
    description: `the trained net (default: ${MODEL_TO_MERGE}, or else the newest file in that folder that matches --W and --A); quantization flags are needed only for files that do not record their quantization`,
    group: "Files",
  }),
  key: keyOption("Files"),
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description: `where to write the merged net (default: ${MERGED_FILE})`,
    group: "Files",
  }),
  save_before: flag(fileName().optional(), {
    flag: "--save-before <file>",
    effect: "source",
    description: `where to write the net before the merge, with quantized weights (default: ${QUANTIZED_FILE})`,
    group: "Files",
  }),
  dump: flag(fileName().optional(), {
    flag: "--dump <dir>",
    effect: "source",
    description:
      "also write both nets to this folder as text: NAME.txt (layers) and NAME_para.txt (parameters)",
    group: "Files",
  }),
  force: commonOptions.force,
  json,
  ...testOptions,
});

const { test: _, ...dataOptions } = testOptions;

/** Options of `qprune bn-merge-test`. */
export const bnMergeTestOptions = z.object({
  before: flag(fileName().default(QUANTIZED_FILE), {
    flag: "--before <file>",
    effect: "source",
    description: "the net with batch norms",
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
    description: "accepted for compatibility with the reference scripts; has no effect",
    group: "Files",
  }),
  ...dataOptions,
});
