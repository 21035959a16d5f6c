import { z } from "zod";
import { combinations, importanceKinds } from "../../prune/importance/importance.js";
import { costKinds } from "../../prune/importance/per-cost.js";
import { flag } from "../flag.js";
import { commonOptions } from "../groups/common-options.js";
import { testOptions } from "../groups/test-options.js";
import { layerPatterns } from "../layer-patterns.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";
import { latencyTarget } from "../values/latency-target.js";
import { positiveShare, unitNumber, unitNumberList, wholeNumber } from "../values/numbers.js";

/** Options of `qprune normal-regular-prune` and `qprune gc-prune`; only the defaults differ. */
export const pruneNetOptions = (defaults: { readonly percent: number; readonly arch: string }) => ({
  percent: flag(unitNumber().default(defaults.percent), {
    flag: "--percent <fraction>",
    effect: "result",
    description: "fraction of channels to prune, 0 to 1, ranked across all layers",
    group: "Pruning",
  }),
  local: flag(z.boolean().default(false), {
    flag: "--local",
    effect: "result",
    description: "apply --percent to each layer separately instead of ranking all layers together",
    group: "Pruning",
  }),
  layers: flag(wholeNumber(1).optional(), {
    flag: "--layers <n>",
    effect: "result",
    description:
      "expected number of convolutions and dense layers; a net with another number is refused (nin and nin_gc: 9)",
    group: "Pruning",
  }),
  importance: flag(z.enum(importanceKinds).default("gamma"), {
    flag: "--importance <kind>",
    effect: "result",
    description:
      "how to rank channels: by |gamma| of their batch norms, by the l1 or l2 norm of their filters, by the distance of a filter from all others of its layer (fpgm), by the change of the loss without the channel (taylor; needs training images), or at random",
    group: "Pruning",
  }),
  calibration_batches: flag(wholeNumber(1).default(20), {
    flag: "--calibration-batches <n>",
    effect: "result",
    description: "for taylor: batches of 50 training images on which gradients are computed",
    group: "Pruning",
  }),
  combine: flag(z.enum(combinations).optional(), {
    flag: "--combine <how>",
    effect: "result",
    description:
      "importance of coupled channels: the mean, max or sum of their filters or gammas (default: sum for taylor, else mean)",
    group: "Pruning",
  }),
  normalize: flag(z.boolean().optional(), {
    flag: "--normalize",
    effect: "result",
    negatable: true,
    description:
      "divide importance by the mean of its layer, so that the layer's scale does not matter (default: for l1, l2, fpgm, and taylor of detectors)",
    group: "Pruning",
  }),
  per_cost: flag(z.enum(costKinds).optional(), {
    flag: "--per-cost <kind>",
    effect: "result",
    description:
      "divide importance by the MACs (macs) or parameters (params) that removing the channel saves, so that expensive channels go first",
    group: "Pruning",
  }),
  keep: flag(layerPatterns().optional(), {
    flag: "--keep <layers>",
    effect: "result",
    description:
      "keep all channels of layers by name, separated by commas; * matches any text, as in 'layer1.*,fc'",
    group: "Pruning",
  }),
  layer_percent: flag(
    unitNumberList("fractions from 0 to 1, separated by commas, as in 0.5,0.3").optional(),
    {
      flag: "--layer-percent <fractions>",
      effect: "result",
      description:
        "one fraction for each layer except the last; channels are ranked within their layer; replaces --percent",
      group: "Pruning",
    },
  ),
  target_macs: flag(positiveShare().optional(), {
    flag: "--target-macs <fraction>",
    effect: "result",
    description: "find the --percent that leaves at most this fraction of the MACs (0.5: half)",
    group: "Pruning",
  }),
  target_params: flag(positiveShare().optional(), {
    flag: "--target-params <fraction>",
    effect: "result",
    description: "find the --percent that leaves at most this fraction of the parameters",
    group: "Pruning",
  }),
  target_bytes: flag(positiveShare().optional(), {
    flag: "--target-bytes <fraction>",
    effect: "result",
    description:
      "find the --percent that leaves at most this fraction of the bytes of a packed file",
    group: "Pruning",
  }),
  target_latency: flag(latencyTarget().optional(), {
    flag: "--target-latency <time>",
    effect: "result",
    description:
      "find the percent that leaves at most this time for one batch, measured on this machine: 0.5x (half of the net's own) or 3ms",
    group: "Pruning",
  }),
  latency_batch: flag(wholeNumber(1).default(1), {
    flag: "--latency-batch <n>",
    effect: "result",
    description: "for --target-latency: images per batch",
    group: "Pruning",
  }),
  sensitivity: flag(fileName("a file").optional(), {
    flag: "--sensitivity <file.json>",
    effect: "source",
    description:
      "give each layer its own share, so that each alone increases the loss by the same amount, as measured by qprune sensitivity --save",
    group: "Pruning",
  }),
  round_to: flag(wholeNumber(1).optional(), {
    flag: "--round-to <n>",
    effect: "result",
    description: "round widths to multiples of n, or keep the whole layer",
    group: "Pruning",
  }),
  min_width: flag(wholeNumber(1).default(1), {
    flag: "--min-width <n>",
    effect: "result",
    description: "minimum number of channels that every layer keeps",
    group: "Pruning",
  }),
  seed: flag(wholeNumber(0, 2 ** 32 - 1).default(1), {
    flag: "--seed <n>",
    effect: "result",
    description: "seed of random importance, and of the order of training images",
    group: "Pruning",
  }),
  absorb: flag(z.boolean().default(true), {
    flag: "--absorb",
    effect: "result",
    negatable: true,
    description:
      "fold the constant output of pruned channels into the next bias where this is exact; --no-absorb drops it, as the reference scripts do",
    group: "Pruning",
  }),
  model: flag(fileName().optional(), {
    flag: "--model <file>",
    effect: "source",
    description: `the net to prune (default: models_save/prune/${defaults.arch}_preprune.safetensors, or else the only other _preprune file of the same kind in that folder)`,
    group: "Files",
  }),
  key: keyOption("Files"),
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description:
      "where to write the smaller net, .safetensors or .pth (default: models_save/prune/<arch>_prune.safetensors)",
    group: "Files",
  }),
  plan: flag(fileName().optional(), {
    flag: "--plan <file.json>",
    effect: "source",
    description: "write a JSON file that lists the channels kept in each layer, and why",
    group: "Files",
  }),
  force: commonOptions.force,
  dry_run: flag(z.boolean().default(false), {
    flag: "--dry-run",
    effect: "source",
    description: "show the plan without testing or saving",
    group: "Output",
  }),
  json: commonOptions.json,
  ...testOptions,
  train_limit: flag(wholeNumber(1).optional(), {
    flag: "--train-limit <n>",
    effect: "result",
    description: "for taylor: take its batches from the first n training images only",
    group: "Data",
  }),
});

const DEFAULT_PERCENT = 0.5;
const DEFAULT_GROUPED_PERCENT = 0.4;

/** Options of `qprune normal-regular-prune`. */
export const normalRegularPruneOptions = z.object({
  ...pruneNetOptions({ percent: DEFAULT_PERCENT, arch: "nin" }),
  normal_regular: flag(wholeNumber(1).default(1), {
    flag: "--normal_regular <n>",
    effect: "result",
    description:
      "1: any widths (normal); n: widths that are multiples of n, or the whole layer (regular)",
    group: "Pruning",
  }),
});

/** Options of `qprune gc-prune`. */
export const gcPruneOptions = z.object(
  pruneNetOptions({ percent: DEFAULT_GROUPED_PERCENT, arch: "nin_gc" }),
);
