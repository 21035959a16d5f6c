import { z } from "zod";
import { flag } from "./flag.js";

/** Which of a .pth file's dicts of tensors is the net; for every command that reads such a file. */
export const keyOption = (group?: string) =>
  flag(z.string().min(1, { error: "expected the name of a key" }).optional(), {
    flag: "--key <name>",
    effect: "source",
    description:
      "which dict of tensors of a .pth file to read, where it has several (model, or ema.module for one within another)",
    ...(group !== undefined && { group }),
  });
