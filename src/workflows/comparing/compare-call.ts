import type { z } from "zod";
import type { compareOptions } from "../../options/commands/compare-options.js";

/** A call of `qprune compare`. */
export interface CompareCall {
  readonly options: z.output<typeof compareOptions>;
  readonly given: ReadonlySet<string>;
}
