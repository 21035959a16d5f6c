import type { bnMergeOptions, bnMergeTestOptions } from "../../options/commands/merge-options.js";
import type { Call } from "../call.js";

export type MergeCall = Call<typeof bnMergeOptions>;
export type MergeTestCall = Omit<Call<typeof bnMergeTestOptions>, "argv">;
