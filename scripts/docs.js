// npm run docs: writes the pages that are made from the code. A test holds them to it.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./lib/build.js";
import { runMain } from "./lib/run.js";

await runMain(async () => {
  await ensureBuilt();
  const { commands } = await import("../dist/cli/commands.js");
  const { usagePage } = await import("../dist/cli/docs/usage-page.js");
  writeFileSync(fileURLToPath(new URL("../docs/usage.md", import.meta.url)), usagePage(commands));
  return 0;
});
