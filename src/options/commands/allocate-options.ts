import { z } from "zod";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { testOptions } from "../groups/test-options.js";
import { fileName } from "../values/file-name.js";
import { affineBits, numberList, positiveNumber, wholeNumber } from "../values/numbers.js";

const { test: _, test_limit: __, ...dataOptions } = testOptions;

/** Argument and options of `qprune allocate`. */
export const allocateOptions = z.object({
  ...netFileOptions,
  target_bytes: flag(wholeNumber(1).optional(), {
    flag: "--target-bytes <n>",
    effect: "result",
    description: "bytes of the quantized kernels with their scales, at most",
    group: "Target",
  }),
  target_bitops: flag(positiveNumber().optional(), {
    flag: "--target-bitops <n>",
    effect: "result",
    description:
      "multiply-accumulate operations times the bits of weights and inputs, for one image, at most",
    group: "Target",
  }),
  target_accuracy_drop: flag(positiveNumber().optional(), {
    flag: "--target-accuracy-drop <points>",
    effect: "result",
    description:
      "the smallest net whose accuracy on held-out images is lower by at most this many percentage points",
    group: "Target",
  }),
  bits: flag(
    numberList("bits from 2 to 8, separated by commas, as in 2,4,8").default([2, 3, 4, 6, 8]),
    {
      flag: "--bits <list>",
      effect: "result",
      description: "bits that the weights of a layer may have, separated by commas",
      group: "Target",
    },
  ),
  abits: flag(affineBits().default(8), {
    flag: "--abits <bits>",
    effect: "result",
    description: "bits of the inputs of all layers, for --target-bitops and the written rules",
    group: "Target",
  }),
  gradients: flag(wholeNumber(8).default(512), {
    flag: "--gradients <n>",
    effect: "result",
    description: "training images on which the curvature of the loss is measured",
    group: "Data",
  }),
  images: flag(wholeNumber(1).default(1000), {
    flag: "--images <n>",
    effect: "result",
    description: "other training images on which the nets are tested, at most",
    group: "Data",
  }),
  ...dataOptions,
  save: flag(fileName("a file").default("bits.json"), {
    flag: "--save <file.json>",
    effect: "source",
    description: "where to write the bits, for --layer-bits of ptq and wqaq",
    group: "Output",
  }),
  html: flag(fileName("a file").optional(), {
    flag: "--html <file.html>",
    effect: "source",
    description: "also write a page with a chart of loss by bytes",
    group: "Output",
  }),
});
