import { stat } from "node:fs/promises";
import type { z } from "zod";
import { summariseNet } from "../../analysis/summarise-net.js";
import { jsonText } from "../../base/visible-text.js";
import type { summaryOptions } from "../../options/commands/summary-options.js";
import type { CommandContext } from "../../cli/command.js";
import { readStoredNet } from "../nets/stored-net.js";
import { summaryJson } from "../../cli/summary/summary-json.js";
import { summaryText } from "../../cli/summary/summary-text.js";

/** Shows what the net of a file is made of; needs no engine. */
export const runSummary = async (
  { file, arch, key, json }: z.output<typeof summaryOptions>,
  { stdout }: CommandContext,
): Promise<void> => {
  const { checkpoint, spec } = await readStoredNet(file, { arch, key });
  const summary = summariseNet(checkpoint, spec);
  const shown = { summary, checkpoint, fileBytes: (await stat(file)).size };
  stdout.write(json ? `${jsonText(summaryJson(shown))}\n` : summaryText(shown));
};
