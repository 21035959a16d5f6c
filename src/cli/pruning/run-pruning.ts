import { jsonText } from "../../base/visible-text.js";
import { pruneModel } from "../../workflows/pruning/prune-model.js";
import type { PruningCall } from "../../workflows/pruning/pruning-call.js";
import type { PruningResult } from "../../workflows/pruning/pruning-result.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { nextDataFlags } from "../texts/next-data-flags.js";
import { pruningJson } from "./pruning-json.js";
import { pruningText } from "./pruning-text.js";

export const pruningPresenter = (
  call: PruningCall,
  context: CommandContext,
): Presenter<PruningResult> => ({
  ...createEventPrinter(context, call.options),
  result: (result) => {
    const dataFlags = nextDataFlags(call, result.images, "train");
    context.stdout.write(
      call.options.json
        ? `${jsonText(pruningJson(result, dataFlags))}\n`
        : pruningText(result, dataFlags),
    );
  },
});

/** Prunes a net and prints the result. */
export const runPruning = (call: PruningCall, context: CommandContext): Promise<void> =>
  present((workflow) => pruneModel(call, workflow), pruningPresenter(call, context), context);
