import { z } from "zod";
import { DATA_SET_NAMES } from "../../data/data-set.js";
import { DEFAULT_IMAGE_SIZE } from "../../data/image-folders/image-folder-options.js";
import { MAX_IMAGE_SIDE } from "../../graph/limits.js";
import { type ArchitectureName, architectureNames } from "../../models/chains/built-in-chain.js";
import { precisions } from "../../models/precision.js";
import { flag } from "../flag.js";
import { archChoice } from "../values/arch-choice.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";
import {
  countOr,
  innerShare,
  nonNegativeNumber,
  numberList,
  positiveNumber,
  positiveNumberOr,
  wholeNumber,
} from "../values/numbers.js";
import { timeLimitOption } from "../values/time-limit-option.js";
import { augmentationOptions } from "./augmentation-options.js";
import { commonOptions, evalBatchSize } from "./common-options.js";
import { imageFolderOptions } from "./image-folder-options.js";
import { optimizationOptions } from "./optimization-options.js";
import { workersOptions } from "./workers-options.js";

/** Epochs at which the reference scripts multiply the learning rate by 0.1. */
export const DEFAULT_LR_DROPS: readonly number[] = [80, 130, 180, 230, 280];

const lrDrops = z.union([
  z.literal("none").transform((): readonly number[] => []),
  z.tuple([]),
  numberList("epochs separated by commas, as in 80,130,180, or none"),
]);

/** The training options of the reference scripts, with their defaults; only the weight decay depends on the command. */
export const referenceTrainingOptions = (defaultWeightDecay: number) => ({
  data: flag(fileName().default("./data"), {
    flag: "--data <dir>",
    effect: "feeding",
    description:
      "folder with the data set's files or with your own images: one folder per class, directly or under train/ and val/",
    group: "Data",
  }),
  lr: flag(positiveNumberOr("auto").default(0.01), {
    flag: "--lr <rate>",
    effect: "result",
    description:
      "learning rate, or the highest one of a schedule; auto chooses it by a short test before the run",
    group: "Training",
  }),
  wd: flag(nonNegativeNumber().default(defaultWeightDecay), {
    flag: "--wd <decay>",
    effect: "result",
    description: "weight decay of every parameter, unless --wd-skip leaves some out",
    group: "Training",
  }),
  resume: flag(fileName().optional(), {
    flag: "--resume <file>",
    effect: "only this call",
    description:
      "resume a run exactly from its training state (auto: the state of the --save file, if there is one), or start a run with the weights, quantization and best accuracy of a model file",
    group: "Files",
  }),
  refine: flag(fileName().optional(), {
    flag: "--refine <file>",
    effect: "another run",
    description:
      "start a run with the weights of a model file, pruned or not; the quantization is that of the command",
    group: "Files",
  }),
  evaluate: flag(z.boolean().default(false), {
    flag: "--evaluate",
    effect: "source",
    description: "only test the file of --resume, --refine or --pretrained; save nothing",
    group: "Files",
  }),
  train_batch_size: flag(wholeNumber(1).default(50), {
    flag: "--train_batch_size <n>",
    effect: "result",
    description: "images per training step, on each worker",
    group: "Training",
  }),
  eval_batch_size: evalBatchSize("Training"),
  num_workers: commonOptions.num_workers,
  epochs: flag(wholeNumber(1).default(300), {
    flag: "--epochs <n>",
    effect: "extent",
    description: "total number of epochs",
    group: "Training",
  }),
  cpu: commonOptions.cpu,
});

/** Options that choose the net. The default `arch` applies only without a model file. */
export const netOptions = (
  defaultArch: ArchitectureName,
  chains: readonly ArchitectureName[] = architectureNames,
) => ({
  arch: flag(archChoice().default(defaultArch), {
    flag: "--arch <net>",
    effect: "another run",
    description: `net: ${chains.join(", ")}, resnet20, mobilenet_v2 or another net in docs/nets.md, or a FILE.json that describes one; not needed with a model file, which records its net`,
    group: "Net",
  }),
  pretrained: flag(z.boolean().optional(), {
    flag: "--pretrained",
    effect: "another run",
    description:
      "start from the published weights of --arch (mobilenet_v2, for example), or a detector from those of its backbone; they are downloaded once, into the user's cache",
    group: "Net",
  }),
  backbone: flag(fileName("a file").optional(), {
    flag: "--backbone <file>",
    effect: "another run",
    description:
      "for a detector: start its backbone from this file of the classifier that it is built on; all other layers start from scratch",
    group: "Net",
  }),
  cfg: flag(numberList("widths separated by commas, as in 192,160,96").optional(), {
    flag: "--cfg <widths>",
    effect: "another run",
    description: "widths of all convolutions except the last, as in 192,160,96,192,192,192,192,192",
    group: "Net",
  }),
  width: flag(positiveNumber().optional(), {
    flag: "--width <factor>",
    effect: "another run",
    description:
      "multiply the default widths by this factor, rounded so that groups and shuffles divide them",
    group: "Net",
  }),
});

/** Training options that the reference scripts do not have. */
export const additionalTrainingOptions = {
  dataset: flag(z.enum(DATA_SET_NAMES).default("cifar10"), {
    flag: "--dataset <name>",
    effect: "another run",
    description: `${DATA_SET_NAMES.join(", ")}; digits come with qprune; images and boxes are your own under --data, in class folders or with annotated boxes, and are detected automatically`,
    group: "Data",
  }),
  download: flag(z.boolean().default(false), {
    flag: "--download",
    effect: "only this call",
    description: "if the data set is missing, download it from its authors into --data",
    group: "Data",
  }),
  train_limit: flag(wholeNumber(1).optional(), {
    flag: "--train-limit <n>",
    effect: "result",
    description: "train on the first n training images only",
    group: "Data",
  }),
  test_limit: commonOptions.test_limit,
  val_split: flag(innerShare().optional(), {
    flag: "--val-split <fraction>",
    effect: "another run",
    description:
      "hold out this fraction of the training images to choose the best epoch; the test images are used once, at the end",
    group: "Data",
  }),
  image_size: flag(wholeNumber(8, MAX_IMAGE_SIDE).default(DEFAULT_IMAGE_SIZE), {
    flag: "--image-size <pixels>",
    effect: "another run",
    description:
      "side length of the net's square input, to which all images are scaled (by default 96 for digits-detection and 320 for boxes); a net that is trained further keeps its own",
    group: "Data",
  }),
  ...imageFolderOptions,
  ...augmentationOptions,
  ...optimizationOptions,
  lr_drops: flag(lrDrops.default(DEFAULT_LR_DROPS), {
    flag: "--lr-drops <epochs>",
    effect: "result",
    description:
      "for --schedule steps: epochs at which the learning rate is multiplied by 0.1, or none",
    group: "Training",
  }),
  freeze_until: flag(z.string().min(1).optional(), {
    flag: "--freeze-until <layer>",
    effect: "another run",
    description:
      "do not train the layers up to and including this one (such as features.13 or layer3), and keep the running statistics of their norms",
    group: "Training",
  }),
  new_weights: flag(z.boolean().default(false), {
    flag: "--new-weights",
    effect: "another run",
    description:
      "with --refine: take only the layers and widths from the file, and train them from new initial weights",
    group: "Net",
  }),
  lr_head: flag(positiveNumber().optional(), {
    flag: "--lr-head <factor>",
    effect: "result",
    description: "multiply the learning rate of the layer that computes the classes by this factor",
    group: "Training",
  }),
  settle_batches: flag(countOr("auto").default("auto"), {
    flag: "--settle-batches <n>",
    effect: "result",
    description:
      "before each test, recalibrate batch norm over n training batches (precise BN); auto takes 20 for nets with at most 4 bits if an epoch has at least 40 batches; 0 tests with the running statistics, as the reference scripts do",
    group: "Training",
  }),
  save_epoch: flag(z.enum(["best", "last"]).optional(), {
    flag: "--save-epoch <name>",
    effect: "result",
    description:
      "epoch whose net is saved: best (by the tested images; default), or last, so that the test images choose nothing",
    group: "Training",
  }),
  max_steps: flag(wholeNumber(0).optional(), {
    flag: "--max-steps <n>",
    effect: "extent",
    description: "stop training after n steps, then test and save",
    group: "Training",
  }),
  time_limit: timeLimitOption("Training"),
  seed: flag(wholeNumber(0, 2 ** 32 - 1).default(1), {
    flag: "--seed <n>",
    effect: "result",
    description: "seed of all random draws; equal seeds give bit-identical runs",
    group: "Training",
  }),
  key: keyOption("Files"),
  save: flag(fileName().optional(), {
    flag: "--save <file>",
    effect: "source",
    description:
      "where to write the best net, .safetensors or .pth (default: models_save/<command>/<arch>.safetensors)",
    group: "Files",
  }),
  save_every: flag(wholeNumber(1).optional(), {
    flag: "--save-every <steps>",
    effect: "feeding",
    description: "also save the training state every n steps, not only after each epoch",
    group: "Files",
  }),
  override: flag(z.boolean().default(false), {
    flag: "--override",
    effect: "only this call",
    description: "allow --resume with training flags that differ from those of the run",
    group: "Files",
  }),
  force: commonOptions.force,
  log_every: flag(wholeNumber(1).default(100), {
    flag: "--log-every <steps>",
    effect: "only this call",
    description: "steps between progress lines",
    group: "Output",
  }),
  log_dir: flag(fileName("a folder").optional(), {
    flag: "--log-dir <dir>",
    effect: "extent",
    description:
      "write losses, accuracies, saturation rates and weight codes for TensorBoard into this folder",
    group: "Output",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print one JSON object per line on stdout",
    group: "Output",
  }),
  quiet: flag(z.boolean().default(false), {
    flag: "--quiet",
    effect: "only this call",
    description: "print only the results, no progress",
    group: "Output",
  }),
  precision: flag(z.enum([...precisions, "auto"]).default("float32"), {
    flag: "--precision <type>",
    effect: "another run",
    description:
      "float32, or bf16: convolutions and their gradients multiply numbers rounded to bfloat16 (sums in float32), and values between layers are stored in it; faster on processors with AMX or AVX512-BF16; auto takes bf16 on these",
    group: "Engine",
  }),
  engine: commonOptions.engine,
  ...workersOptions,
};
