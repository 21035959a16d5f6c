import { commandOf } from "../../workflows/nets/command-of.js";
import type { StoredNet } from "../../workflows/nets/stored-net.js";
import { shellCommand } from "../../options/shell-command.js";
import { nextDataFlags } from "../testing/next-data-flags.js";
import type { ExportCall } from "../../workflows/exporting/export-call.js";

/** The call that tests an exported file; its images are named where it would not find them. */
export const testCall = async (
  file: string,
  call: ExportCall,
  { checkpoint, spec }: StoredNet,
): Promise<string> => {
  const evaluate = [commandOf(spec.quantization), "--evaluate", "--resume", file];
  return shellCommand([...evaluate, ...(await nextDataFlags(call, checkpoint, "test"))]);
};
