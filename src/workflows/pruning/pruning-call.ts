import type { z } from "zod";
import type { gcPruneOptions } from "../../options/commands/prune-net-options.js";

/** A pruning command's call: the shared options, and what only one of the commands has. */
export interface PruningCall {
  readonly options: z.output<typeof gcPruneOptions>;
  readonly given: ReadonlySet<string>;
  /** The command line as it was typed. */
  readonly argv: readonly string[];
  /** Every width becomes a multiple of it, or stays whole. */
  readonly multiple: number;
  /** The file that is pruned where no --model is given. */
  readonly defaultModel: string;
  /** Whether the command is the one for nets with grouped convolutions; it takes others too, where they are given. */
  readonly isForGroups: boolean;
}
