import { z } from "zod";
import { cropKinds, DEFAULT_MAX_DAMAGED } from "../../data/image-folders/image-folder-options.js";
import { flag } from "../flag.js";
import { unitNumber } from "../values/numbers.js";

/** Options of training for image folders. Other data sets refuse them (see {@link IMAGE_FOLDER_FLAGS}). */
export const imageFolderOptions = {
  crop: flag(z.enum(cropKinds).default("resized"), {
    flag: "--crop <kind>",
    effect: "result",
    description:
      "resized: train on a random part of each image, a different one in every epoch; padded: train on its center at full size, shifted within a black border, as is usual for CIFAR",
    group: "Your own images",
  }),
  mirror: flag(z.boolean().default(true), {
    flag: "--mirror",
    effect: "result",
    negatable: true,
    description: "mirror half of the training images; use --no-mirror for signs, digits or text",
    group: "Your own images",
  }),
  max_damaged: flag(unitNumber().default(DEFAULT_MAX_DAMAGED), {
    flag: "--max-damaged <fraction>",
    effect: "extent",
    description:
      "list and skip damaged images if they are at most this fraction; if there are more, fail",
    group: "Your own images",
  }),
};

/** Keys of the options that are for image folders only. */
export const IMAGE_FOLDER_FLAGS = Object.keys(imageFolderOptions);
