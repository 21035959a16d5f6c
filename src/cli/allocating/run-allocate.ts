import { jsonText } from "../../base/visible-text.js";
import { allocationText } from "../../report/allocation/allocation-text.js";
import { type AllocateResult, allocateBits } from "../../workflows/allocating/allocate-bits.js";
import type { AllocateCall } from "../../workflows/allocating/allocate-call.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";

export const allocatePresenter = (
  { options: { json } }: AllocateCall,
  context: CommandContext,
): Presenter<AllocateResult> => ({
  ...createEventPrinter(context, { json }),
  result: ({ allocation, saved }) => {
    const { stdout, stderr } = context;
    stdout.write(json ? `${jsonText(allocation)}\n` : allocationText(allocation));
    for (const file of saved) (json ? stderr : stdout).write(`Saved ${file}\n`);
  },
});

/** Distributes bits over the layers of a net and prints the result. */
export const runAllocate = (call: AllocateCall, context: CommandContext): Promise<void> =>
  present((workflow) => allocateBits(call, workflow), allocatePresenter(call, context), context);
