// First, so that an older Node.js says what is wrong even where a script is called without npm.
import "../../bin/check-node.js";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./build.js";
import { ensureInstalled } from "./install.js";
import { Failure, runMain, runNode } from "./run.js";
import { say } from "./say.js";

const INTERRUPTED = 130;

/** Makes a fresh clone ready: dependencies and dist/. */
export const prepare = async () => {
  await ensureInstalled();
  await ensureBuilt();
};

/** Sets the native engine up; false where that cannot be done, after the command said why. */
export const setUpEngine = async () => {
  say("Setting up the native engine (once; later runs find it in the cache)");
  const code = await runNode(["bin/qprune.js", "setup"]);
  if (code === INTERRUPTED) throw new Failure("Interrupted.", INTERRUPTED);
  return code === 0;
};

// Run by itself, this file only makes the clone ready.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await prepare();
    return 0;
  });
}
