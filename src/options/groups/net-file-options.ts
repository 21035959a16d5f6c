import { flag } from "../flag.js";
import { archChoice } from "../values/arch-choice.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";
import { commonOptions } from "./common-options.js";

/** Argument and options of commands that read a net from a single file. */
export const netFileOptions = {
  file: fileName("a file"),
  arch: flag(archChoice().optional(), {
    flag: "--arch <net.json>",
    effect: "another run",
    description:
      "description of a custom architecture, for a state dict that does not record its net (docs/custom-architectures.md)",
    group: "Net",
  }),
  key: keyOption("Net"),
  json: commonOptions.json,
};

/** The positional argument of {@link netFileOptions}. */
export const netFileArgument = {
  key: "file",
  description: "a file saved by training, pruning or export, or a state dict",
} as const;
