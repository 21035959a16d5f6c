// First, so that an older Node.js is refused with a clear message even if a script is called without npm.
import "../../bin/check-node.js";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./build.js";
import { ensureInstalled } from "./install.js";
import { Failure, runMain, runNode } from "./run.js";
import { say } from "./say.js";

const INTERRUPTED = 130;

/** Prepares a fresh clone: dependencies and dist/. */
export const prepare = async () => {
  await ensureInstalled();
  await ensureBuilt();
};

/** Sets the native engine up; false if that is impossible; the command has then printed why. */
export const setUpEngine = async () => {
  say("Setting up the native engine (once; later runs find it in the cache)");
  const code = await runNode(["bin/qprune.js", "setup"]);
  if (code === INTERRUPTED) throw new Failure("Interrupted.", INTERRUPTED);
  return code === 0;
};

// Run directly, this file only prepares the clone.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await prepare();
    return 0;
  });
}
