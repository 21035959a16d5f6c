import { z } from "zod";
import {
  cropKinds,
  DEFAULT_IMAGE_SIZE,
  DEFAULT_MAX_DAMAGED,
} from "../../data/image-folders/image-folder-options.js";
import { MAX_IMAGE_SIDE } from "../../models/limits.js";
import { flag } from "../flag.js";
import { unitNumber, wholeNumber } from "../numbers.js";

/** How training reads folders of images; other data sets are refused with them (see IMAGE_FOLDER_FLAGS). */
export const imageFolderOptions = {
  image_size: flag(wholeNumber(8, MAX_IMAGE_SIDE).default(DEFAULT_IMAGE_SIZE), {
    flag: "--image-size <pixels>",
    effect: "another run",
    description: "side of the images that the net sees",
    group: "Own images",
  }),
  crop: flag(z.enum(cropKinds).default("resized"), {
    flag: "--crop <kind>",
    effect: "result",
    description:
      "training sees a part of each image, drawn anew in every epoch (resized), or its middle at full size, shifted in a black frame as with CIFAR (padded)",
    group: "Own images",
  }),
  mirror: flag(z.boolean().default(true), {
    flag: "--mirror",
    effect: "result",
    negatable: true,
    description: "mirror half of the training images; --no-mirror for signs, digits, text",
    group: "Own images",
  }),
  max_damaged: flag(unitNumber().default(DEFAULT_MAX_DAMAGED), {
    flag: "--max-damaged <share>",
    effect: "extent",
    description: "damaged images up to this share are named and left out, more are an error",
    group: "Own images",
  }),
};

/** The options that only folders of images have. */
export const IMAGE_FOLDER_FLAGS = Object.keys(imageFolderOptions);
