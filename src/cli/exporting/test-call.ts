import { shellCommand } from "../../options/shell-command.js";
import type { ExportCall } from "../../workflows/exporting/export-call.js";
import type { ExportResult } from "../../workflows/exporting/export-model.js";
import { commandOf } from "../../workflows/nets/command-of.js";
import { nextDataFlags } from "../testing/next-data-flags.js";

/** The call that tests an exported file; its images are named where it would not find them. */
export const testCall = (call: ExportCall, { file, spec, images }: ExportResult): string => {
  const evaluate = [commandOf(spec.quantization), "--evaluate", "--resume", file];
  return shellCommand([...evaluate, ...nextDataFlags(call, images, "test")]);
};
