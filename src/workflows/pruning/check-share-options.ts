import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { PruningCall } from "./pruning-call.js";

/** The options that set how much is pruned. */
const SHARES = [
  "percent",
  "layer_percent",
  "target_macs",
  "target_params",
  "target_bytes",
  "target_latency",
] as const;
export type ShareOption = (typeof SHARES)[number];

/** @throws QpruneError (usage) if more than one option sets how much is pruned. */
export const checkShareOptions = ({ given }: PruningCall): void => {
  const asked = SHARES.filter((key) => given.has(key));
  if (asked.length > 1) {
    throw usageError(
      `${asked.map(option).join(" and ")} both set how much is pruned.`,
      "Give only one of them.",
    );
  }
  const perLayer = ["layer_percent", "sensitivity"].find((key) => given.has(key));
  if (perLayer !== undefined && given.has("local")) {
    throw usageError(
      `${option(perLayer)} ranks each layer on its own already.`,
      `Omit ${option("local")}.`,
    );
  }
  if (given.has("layer_percent") && given.has("sensitivity")) {
    throw usageError(
      `${option("layer_percent")} and ${option("sensitivity")} both set the shares of layers.`,
      "Give only one of them.",
    );
  }
  if (given.has("latency_batch") && !given.has("target_latency")) {
    throw usageError(
      `${option("latency_batch")} is for ${option("target_latency")}, which is not given.`,
      `Give ${option("target_latency")}, or omit ${option("latency_batch")}.`,
    );
  }
};
