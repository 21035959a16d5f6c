import { stat } from "node:fs/promises";
import { type NetSummary, summariseNet } from "../../analysis/model-summary.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { graphOf } from "../../models/net-spec.js";
import type { summaryOptions } from "../../options/commands/summary-options.js";
import { type CoupledLayers, channelMap } from "../../prune/channels/coupled-layers.js";
import type { Call } from "../call.js";
import { readStoredNet } from "../nets/stored-net.js";

/** The summary of a net, with its file. */
export interface SummaryResult {
  readonly summary: NetSummary;
  readonly checkpoint: Checkpoint;
  readonly fileBytes: number;
  /** Which layers are pruned together; undefined if it was not asked for. */
  readonly coupled: readonly CoupledLayers[] | undefined;
}

export type SummaryCall = Omit<Call<typeof summaryOptions>, "argv" | "given">;

/**
 * Summarizes the net of a file; needs no engine.
 * @throws QpruneError if the file cannot be read.
 */
export const summarizeModel = async ({ options }: SummaryCall): Promise<SummaryResult> => {
  const { file, arch, key, groups } = options;
  const { checkpoint, spec } = await readStoredNet(file, { arch, key });
  const summary = summariseNet(checkpoint, spec);
  const coupled = groups ? channelMap(graphOf(spec)).coupled : undefined;
  return { summary, checkpoint, fileBytes: (await stat(checkpoint.path)).size, coupled };
};
