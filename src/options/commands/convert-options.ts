import { z } from "zod";
import { sequenceNames } from "../../models/spec.js";
import { archChoice } from "../arch-choice.js";
import { fileName } from "../file-name.js";
import { flag } from "../flag.js";
import { keyOption } from "../key-option.js";

/** Arguments and options of `qprune convert`. */
export const convertOptions = z.object({
  in: fileName(),
  out: fileName(),
  sequence: flag(z.enum(sequenceNames).optional(), {
    flag: "--sequence <name>",
    effect: "source",
    description:
      "what the net's sequence is called in OUT: dorefa (the original's wqaq) or tnn_bin (its wbwtab and prune); default: as in IN",
  }),
  arch: flag(archChoice().optional(), {
    flag: "--arch <file.json>",
    effect: "another run",
    description: "describes the net of a state dict that is none of the built-in ones",
  }),
  key: keyOption(),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "replace OUT where it is there already",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "the result as one JSON object on stdout",
  }),
});
