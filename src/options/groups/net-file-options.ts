import { z } from "zod";
import { flag } from "../flag.js";
import { archChoice } from "../values/arch-choice.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";

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
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print the result as one JSON object on stdout",
    group: "Output",
  }),
};

/** The positional argument of {@link netFileOptions}. */
export const netFileArgument = {
  key: "file",
  description: "a file saved by training, pruning or export, or a state dict",
} as const;
