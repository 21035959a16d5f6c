import { z } from "zod";

/** Shells with completion scripts. */
export const SHELLS = ["bash", "zsh"] as const;

/** Argument of `qprune completion`. */
export const completionOptions = z.object({ shell: z.enum(SHELLS) });
