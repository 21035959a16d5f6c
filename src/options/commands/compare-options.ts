import { z } from "zod";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { testOptions } from "../groups/test-options.js";
import { fileName } from "../values/file-name.js";

/** More lines and bars in one chart are hard to distinguish. */
const MAX_FILES = 8;

const { arch, key, json } = netFileOptions;

/** Arguments and options of `qprune compare`. */
export const compareOptions = z.object({
  files: z
    .array(fileName("a file"))
    .min(2, { error: "expected at least two files" })
    .max(MAX_FILES, { error: `expected at most ${MAX_FILES} files` }),
  arch,
  key,
  save: flag(fileName("a file").optional(), {
    flag: "--save <file.json>",
    effect: "source",
    description: "write the --json output to a file",
    group: "Output",
  }),
  html: flag(fileName("a file").optional(), {
    flag: "--html <file.html>",
    effect: "source",
    description:
      "write a self-contained page with charts, confusion matrices and the images whose class changed",
    group: "Output",
  }),
  sensitivity: flag(fileName("a file").optional(), {
    flag: "--sensitivity <file.json>",
    effect: "source",
    description: "chart what qprune sensitivity --save measured on the page of --html",
    group: "Output",
  }),
  json,
  ...testOptions,
});
