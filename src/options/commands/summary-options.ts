import { z } from "zod";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";

/** Options of `qprune summary`. */
export const summaryOptions = z.object({
  ...netFileOptions,
  groups: flag(z.boolean().default(false), {
    flag: "--groups",
    effect: "only this call",
    description: "also show which layers are pruned together, and which cannot be pruned",
    group: "Output",
  }),
});
