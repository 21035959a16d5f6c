import { stat } from "node:fs/promises";
import { type NetSummary, summariseNet } from "../../analysis/summarise-net.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { summaryOptions } from "../../options/commands/summary-options.js";
import type { Call } from "../call.js";
import { readStoredNet } from "../nets/stored-net.js";

/** A net's summary with the file that it was read from. */
export interface SummaryResult {
  readonly summary: NetSummary;
  readonly checkpoint: Checkpoint;
  readonly fileBytes: number;
}

export type SummaryCall = Omit<Call<typeof summaryOptions>, "argv" | "given">;

/**
 * What the net of a file is made of; needs no engine.
 * @throws QpruneError for a file that cannot be read.
 */
export const summarizeModel = async ({ options }: SummaryCall): Promise<SummaryResult> => {
  const { file, arch, key } = options;
  const { checkpoint, spec } = await readStoredNet(file, { arch, key });
  const summary = summariseNet(checkpoint, spec);
  return { summary, checkpoint, fileBytes: (await stat(file)).size };
};
