import { z } from "zod";
import { sequenceNames } from "../../models/chains/chain-spec.js";
import { flag } from "../flag.js";
import { archChoice } from "../values/arch-choice.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";

/** Arguments and options of `qprune convert`. */
export const convertOptions = z.object({
  in: fileName(),
  out: fileName(),
  sequence: flag(z.enum(sequenceNames).optional(), {
    flag: "--sequence <name>",
    effect: "source",
    description:
      "state-dict prefix of the net in OUT: dorefa (wqaq in the reference scripts) or tnn_bin (their wbwtab and prune); default: as in IN",
  }),
  arch: flag(archChoice().optional(), {
    flag: "--arch <file.json>",
    effect: "another run",
    description: "description of the net, for a state dict of a custom architecture",
  }),
  key: keyOption(),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "replace OUT if it exists",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print the result as one JSON object on stdout",
  }),
});
