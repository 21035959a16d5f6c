// npm run docs:outputs: runs the commands whose output docs/usage.md shows, on the digits, and rewrites the pages.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.js";
import { mustRunNode, runMain } from "./lib/run.js";
import { say } from "./lib/say.js";
import { recordCalls, writeTranscript } from "./lib/transcripts.js";

await runMain(async () => {
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "qprune-outputs-"));
  try {
    await recordCalls(folder, (name, text) => {
      say(`docs/outputs/${name}.txt`);
      writeTranscript(name, text);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await mustRunNode(["scripts/docs.js"]);
  return 0;
});
