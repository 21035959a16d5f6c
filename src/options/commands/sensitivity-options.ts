import { z } from "zod";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { testOptions } from "../groups/test-options.js";
import { fileName } from "../values/file-name.js";
import { innerShare, roundingBitsList, shareList, wholeNumber } from "../values/numbers.js";
import { pruneNetOptions } from "./prune-net-options.js";

const { importance, calibration_batches, combine, normalize, keep, seed } = pruneNetOptions({
  percent: 0,
  arch: "",
});
const { dataset, data, max_damaged, eval_batch_size, num_workers, engine, cpu } = testOptions;

/** Argument and options of `qprune sensitivity`. */
export const sensitivityOptions = z.object({
  ...netFileOptions,
  shares: flag(shareList().default([0.1, 0.3, 0.5, 0.7, 0.9]), {
    flag: "--shares <fractions>",
    effect: "result",
    description: "fractions of channels that each layer is pruned by, separated by commas, or none",
    group: "Sensitivity",
  }),
  round_bits: flag(roundingBitsList().default([8, 4, 3, 2]), {
    flag: "--round-bits <list>",
    effect: "result",
    description:
      "bits to which the weights of each layer are rounded, separated by commas, or none",
    group: "Sensitivity",
  }),
  importance,
  calibration_batches,
  combine,
  normalize,
  keep,
  seed,
  images: flag(wholeNumber(1).default(1000), {
    flag: "--images <n>",
    effect: "result",
    description: "use at most this many held-out images",
    group: "Data",
  }),
  val_split: flag(innerShare().optional(), {
    flag: "--val-split <fraction>",
    effect: "result",
    description:
      "fraction of the training images that is held out (default: as in the net's training, or else 0.1)",
    group: "Data",
  }),
  train_limit: flag(wholeNumber(1).optional(), {
    flag: "--train-limit <n>",
    effect: "result",
    description:
      "hold images out of the first n training images (default: as in the net's training, if it held out images)",
    group: "Data",
  }),
  dataset,
  data,
  max_damaged,
  eval_batch_size,
  num_workers,
  save: flag(fileName("a file").optional(), {
    flag: "--save <file.json>",
    effect: "source",
    description: "write the --json output to a file, for --sensitivity of pruning and compare",
    group: "Output",
  }),
  engine,
  cpu,
});
