import { z } from "zod";
import { observerKinds } from "../../ptq/observers/observer.js";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { testOptions } from "../groups/test-options.js";
import { layerPatterns } from "../layer-patterns.js";
import { fileName } from "../values/file-name.js";
import { layerBits } from "../values/layer-bits.js";
import { affineBits, percentage, wholeNumber } from "../values/numbers.js";

const GROUP = "Quantization";

/** Argument and options of `qprune ptq`. */
export const ptqOptions = z.object({
  ...netFileOptions,
  wbits: flag(affineBits().default(8), {
    flag: "--wbits <bits>",
    effect: "result",
    description: "bits of the weights: 2 to 8",
    group: GROUP,
  }),
  abits: flag(affineBits().default(8), {
    flag: "--abits <bits>",
    effect: "result",
    description:
      "bits of the inputs of layers: 2 to 8; images and what additions, concatenations and mean pools read always have 8",
    group: GROUP,
  }),
  first_last: flag(z.enum(["same", "8"]).default("8"), {
    flag: "--first-last <bits>",
    effect: "result",
    description:
      "bits of the first and last layers, which read the images and compute the classes: 8, or the same as all others",
    group: GROUP,
  }),
  layer_bits: flag(layerBits().optional(), {
    flag: "--layer-bits <rules>",
    effect: "result",
    description:
      "bits of the weights and inputs of individual layers, by name, as in 'features.1.*=8/8,classifier*=32/32', or a FILE.json of such rules, as qprune allocate writes it",
    group: GROUP,
  }),
  weights: flag(z.enum(["per-channel", "per-tensor"]).default("per-channel"), {
    flag: "--weights <scales>",
    effect: "result",
    description: "a scale per filter, or one per layer",
    group: GROUP,
  }),
  weight_scheme: flag(z.enum(["symmetric", "asymmetric"]).default("symmetric"), {
    flag: "--weight-scheme <scheme>",
    effect: "result",
    description: "weights without zero points, as integer kernels want them, or with them",
    group: GROUP,
  }),
  weight_range: flag(z.enum(["minmax", "mse"]).optional(), {
    flag: "--weight-range <rule>",
    effect: "result",
    description:
      "range of the weights: all of them, or that of the least squared error (default: minmax for 8 bits, mse for fewer)",
    group: GROUP,
  }),
  scheme: flag(z.enum(["symmetric", "asymmetric"]).default("asymmetric"), {
    flag: "--scheme <scheme>",
    effect: "result",
    description: "activations without zero points where possible, or with them",
    group: GROUP,
  }),
  keep_float: flag(layerPatterns().optional(), {
    flag: "--keep-float <layers>",
    effect: "result",
    description:
      "layers in full precision by name, separated by commas; * matches any text, as in 'layer1.*,fc'",
    group: GROUP,
  }),
  keep_float_worst: flag(wholeNumber(0).default(0), {
    flag: "--keep-float-worst <n>",
    effect: "result",
    description: "keep the n layers with the least signal to noise in full precision",
    group: GROUP,
  }),
  observer: flag(z.enum(observerKinds).default("mse"), {
    flag: "--observer <rule>",
    effect: "result",
    description: "how the ranges of activations are chosen",
    group: "Calibration",
  }),
  percentile: flag(percentage().default(99.99), {
    flag: "--percentile <percent>",
    effect: "result",
    description: "with --observer percentile: the percentage of values inside the range",
    group: "Calibration",
  }),
  calibration: flag(wholeNumber(1).default(512), {
    flag: "--calibration <n>",
    effect: "result",
    description: "training images to calibrate with, evenly spaced; their classes do not matter",
    group: "Calibration",
  }),
  equalize: flag(z.boolean().optional(), {
    flag: "--equalize",
    effect: "result",
    negatable: true,
    description: "equalize the weights of consecutive layers (default: with --weights per-tensor)",
    group: "Calibration",
  }),
  bias_correction: flag(z.boolean().default(true), {
    flag: "--bias-correction",
    effect: "result",
    negatable: true,
    description: "move the mean error of each filter into its bias",
    group: "Calibration",
  }),
  match_variance: flag(z.boolean().default(false), {
    flag: "--match-variance",
    effect: "result",
    negatable: true,
    description:
      "scale filters so that their outputs keep their variance, as recalibrated norms would; needs --weights per-channel",
    group: "Calibration",
  }),
  adaround: flag(z.boolean().optional(), {
    flag: "--adaround",
    effect: "result",
    negatable: true,
    description:
      "choose for each weight whether it is rounded up or down by the error of the layer's outputs (default: for weights of fewer than 8 bits)",
    group: "Calibration",
  }),
  adaround_steps: flag(wholeNumber(1).default(1000), {
    flag: "--adaround-steps <n>",
    effect: "result",
    description: "steps of AdaRound for each layer",
    group: "Calibration",
  }),
  seed: flag(wholeNumber(0).default(1), {
    flag: "--seed <n>",
    effect: "result",
    description: "seed of the positions at which layers are compared",
    group: "Calibration",
  }),
  save: flag(fileName("a file").optional(), {
    flag: "--save <file>",
    effect: "source",
    description:
      "where to write the quantized net (default: models_save/ptq/<name of the file>.safetensors)",
    group: "Files",
  }),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "allow --save to overwrite the input file",
    group: "Files",
  }),
  ...testOptions,
});
