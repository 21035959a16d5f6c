import type { NetSummary } from "../../analysis/summarise-net.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";

/** A net's summary with the file that it was read from. */
export interface ShownSummary {
  readonly summary: NetSummary;
  readonly checkpoint: Checkpoint;
  readonly fileBytes: number;
}
