import type { z } from "zod";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
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
  /** The option that sets it. */
  readonly multipleOption: "round_to" | "normal_regular";
  /** The file to prune if no `model` is given. */
  readonly defaultModel: string;
  /** Whether the default model has grouped convolutions. Given files may be of either kind. */
  readonly isForGroups: boolean;
}

/** @throws QpruneError (usage) if both names of the multiple are given. */
const multipleOf = ({
  options,
  given,
}: Call<typeof normalRegularPruneOptions>): Pick<PruningCall, "multiple" | "multipleOption"> => {
  const { round_to: own, normal_regular: regular } = options;
  if (own === undefined) return { multiple: regular, multipleOption: "normal_regular" };
  if (!given.has("normal_regular")) return { multiple: own, multipleOption: "round_to" };
  throw usageError(
    `${option("round_to")} and ${option("normal_regular")} both set the multiple.`,
    "Give only one of them.",
  );
};

/** Pruning to any widths or to multiples (the reference scripts' normal_regular_prune). */
export const regularPruning = (call: Call<typeof normalRegularPruneOptions>): PruningCall => ({
  ...call,
  ...multipleOf(call),
  defaultModel: "models_save/prune/nin_preprune.safetensors",
  isForGroups: false,
});

/** Pruning that keeps groups and shuffles intact (the reference scripts' gc_prune). */
export const groupedPruning = (call: Call<typeof gcPruneOptions>): PruningCall => ({
  ...call,
  multiple: call.options.round_to ?? 1,
  multipleOption: "round_to",
  defaultModel: "models_save/prune/nin_gc_preprune.safetensors",
  isForGroups: true,
});
