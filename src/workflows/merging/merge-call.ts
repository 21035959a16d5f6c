import type { bnMergeOptions } from "../../options/commands/merge-options.js";
import type { Call } from "../../cli/command.js";

/** A call of `qprune bn-merge`. */
export type MergeCall = Call<typeof bnMergeOptions>;
