import { type ServeOptions, serveFolder } from "../../workflows/serving/serve-folder.js";
import type { CommandContext } from "../command.js";

/** Serves a folder until Ctrl-C, and prints its address. */
export const runServe = (
  options: ServeOptions,
  { stdout, signal }: CommandContext,
): Promise<void> =>
  serveFolder(options, { signal }, ({ folder, url }) =>
    stdout.write(`${folder} is at ${url} (Ctrl-C stops)\n`),
  );
