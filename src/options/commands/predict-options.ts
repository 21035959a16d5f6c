import { z } from "zod";
import { flag } from "../flag.js";
import { commonOptions } from "../groups/common-options.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { fileName } from "../values/file-name.js";
import { wholeNumber } from "../values/numbers.js";

const { file, arch, key } = netFileOptions;
const { num_workers, cpu } = commonOptions;

/** Options of `qprune predict`. */
export const predictOptions = z.object({
  file,
  images: z.array(fileName("an image")).min(1),
  top: flag(wholeNumber(1).default(5), {
    flag: "--top <n>",
    effect: "only this call",
    description: "number of classes to show per image, most probable first",
    group: "Output",
  }),
  save: flag(fileName("a folder").optional(), {
    flag: "--save <folder>",
    effect: "only this call",
    description: "for detectors: write each image with its boxes into this folder, as a PNG",
    group: "Output",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print one JSON object per image, one per line, on stdout",
    group: "Output",
  }),
  batch_size: flag(wholeNumber(1).default(64), {
    flag: "--batch-size <n>",
    effect: "feeding",
    description: "number of images to compute at once",
    group: "Data",
  }),
  num_workers,
  arch,
  key,
  engine: flag(z.enum(["runtime", "native", "js"]).optional(), {
    flag: "--engine <name>",
    effect: "source",
    description:
      "runtime (packed files only, starts at once), native (TensorFlow) or js (slow, needs no setup); default: runtime for packed files, otherwise native if available",
    group: "Engine",
  }),
  cpu,
});
