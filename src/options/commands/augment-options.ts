import { z } from "zod";
import { DEFAULT_IMAGE_SIZE } from "../../data/image-folders/image-folder-options.js";
import { MAX_IMAGE_SIDE } from "../../graph/limits.js";
import { flag } from "../flag.js";
import { augmentationOptions } from "../groups/augmentation-options.js";
import { commonOptions } from "../groups/common-options.js";
import { imageFolderOptions } from "../groups/image-folder-options.js";
import { additionalTrainingOptions } from "../groups/training-options.js";
import { fileName } from "../values/file-name.js";
import { wholeNumber } from "../values/numbers.js";

/** More images on a page are hard to look at. */
const MAX_SHOWN = 100;

const { dataset, seed } = additionalTrainingOptions;
const { num_workers, json } = commonOptions;

/** Argument and options of `qprune augment`. */
export const augmentOptions = z.object({
  data: fileName("a folder"),
  dataset,
  image_size: flag(wholeNumber(8, MAX_IMAGE_SIDE).default(DEFAULT_IMAGE_SIZE), {
    flag: "--image-size <pixels>",
    effect: "result",
    description: "side length of the square images that a net would get",
    group: "Data",
  }),
  ...imageFolderOptions,
  num_workers,
  ...augmentationOptions,
  images: flag(wholeNumber(1, MAX_SHOWN).default(8), {
    flag: "--images <n>",
    effect: "result",
    description: "number of training images to show, one per row",
    group: "Output",
  }),
  draws: flag(wholeNumber(1, MAX_SHOWN).default(8), {
    flag: "--draws <n>",
    effect: "result",
    description: "number of epochs to show for each image, one per column",
    group: "Output",
  }),
  seed,
  html: flag(fileName("a file").default("augmentation.html"), {
    flag: "--html <file.html>",
    effect: "source",
    description: "where to write the page",
    group: "Output",
  }),
  json,
});
