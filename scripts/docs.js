// npm run docs: generates docs/usage.md and its translations. A test compares them with the code.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { languages } from "./docs/languages.js";
import { translationProblems } from "./docs/translation-problems.js";
import { usagePage } from "./docs/usage-page.js";
import { ensureBuilt } from "./lib/build.js";
import { Failure, runMain } from "./lib/run.js";
import { readTranscripts } from "./lib/transcripts.js";

await runMain(async () => {
  await ensureBuilt();
  const { loadCommands } = await import("../dist/cli/commands.js");
  const { commandHelp } = await import("../dist/cli/shown-option.js");
  const commands = (await loadCommands()).map(commandHelp);
  const printed = readTranscripts();
  for (const language of languages) {
    const file = fileURLToPath(new URL(`../docs/${language.file}`, import.meta.url));
    writeFileSync(file, usagePage(commands, language, printed));
  }
  const problems = languages.flatMap((language) => translationProblems(commands, language));
  if (problems.length > 0) {
    const next =
      "The pages are written. Correct the entries in scripts/docs/chinese, their `english` too, and run npm run docs again.";
    throw new Failure([...problems, next].join("\n\n"));
  }
  return 0;
});
