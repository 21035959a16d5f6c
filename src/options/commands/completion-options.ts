import { z } from "zod";

/** Shells that completion is written for. */
export const SHELLS = ["bash", "zsh"] as const;

/** Argument of `qprune completion`. */
export const completionOptions = z.object({ shell: z.enum(SHELLS) });
