import { z } from "zod";
import { flag } from "../flag.js";

/** The option that chooses a dict of tensors in a .pth file, for every command that reads such files. */
export const keyOption = (group?: string) =>
  flag(z.string().min(1, { error: "expected the name of a key" }).optional(), {
    flag: "--key <name>",
    effect: "source",
    description:
      "which dict of tensors to read if a .pth file contains several: model, for example, or ema.module for a nested one",
    ...(group !== undefined && { group }),
  });
