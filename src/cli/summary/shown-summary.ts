import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { NetSummary } from "../../measure/summarise-net.js";

/** A net's summary with the file that it was read from. */
export interface ShownSummary {
  readonly summary: NetSummary;
  readonly checkpoint: Checkpoint;
  readonly fileBytes: number;
}
