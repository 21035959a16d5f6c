import { flag } from "../flag.js";
import { duration } from "./duration.js";

/** The option that ends training after some time, for every command that trains. */
export const timeLimitOption = (group: string) =>
  flag(duration().optional(), {
    flag: "--time-limit <duration>",
    effect: "only this call",
    description:
      "after this time (170m, 2h30m), save the training state and end with exit code 130, as after Ctrl-C; the run can be resumed",
    group,
  });
