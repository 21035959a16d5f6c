import type { z } from "zod";
import type { bnMergeOptions } from "../../config/merge-options.js";

/** A call of `qprune bn-merge`. */
export interface MergeCall {
  readonly options: z.output<typeof bnMergeOptions>;
  readonly given: ReadonlySet<string>;
}
