import { z } from "zod";
import { flag } from "../flag.js";
import { wholeNumber } from "../values/numbers.js";

/** More processes on one machine only wait for each other. */
const MAX_PROCESSES = 64;

/** Arguments and options of `qprune launch`. */
export const launchOptions = z.object({
  command: z.array(z.string()).min(1, { error: "expected a training command" }),
  processes: flag(wholeNumber(2, MAX_PROCESSES).default(2), {
    flag: "--processes <n>",
    effect: "source",
    description: "how many workers to start",
    group: "Several machines",
  }),
});
