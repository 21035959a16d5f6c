import type { z } from "zod";
import type {
  gcPruneOptions,
  normalRegularPruneOptions,
} from "../../options/commands/prune-net-options.js";
import type { Call } from "../call.js";

/** The arguments of {@link pruneModel} for both pruning commands. */
export interface PruningCall {
  readonly options: z.output<typeof gcPruneOptions>;
  readonly given: ReadonlySet<string>;
  /** The call as a command line (see Call). */
  readonly argv: readonly string[];
  /** Widths become multiples of it, or stay unchanged. */
  readonly multiple: number;
  /** The file to prune if no `model` is given. */
  readonly defaultModel: string;
  /** Whether the default model has grouped convolutions. Given files may be of either kind. */
  readonly isForGroups: boolean;
}

/** Pruning to any widths or to multiples (the reference scripts' normal_regular_prune). */
export const regularPruning = (call: Call<typeof normalRegularPruneOptions>): PruningCall => ({
  ...call,
  multiple: call.options.normal_regular,
  defaultModel: "models_save/prune/nin_preprune.safetensors",
  isForGroups: false,
});

/** Pruning that keeps groups and shuffles intact (the reference scripts' gc_prune). */
export const groupedPruning = (call: Call<typeof gcPruneOptions>): PruningCall => ({
  ...call,
  multiple: 1,
  defaultModel: "models_save/prune/nin_gc_preprune.safetensors",
  isForGroups: true,
});
