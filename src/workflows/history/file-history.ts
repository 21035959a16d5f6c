import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/tensors/state-digest.js";
import { type FoundHistory, readHistory } from "../../checkpoint/training/training-history.js";
import { historyPathOf } from "./history-path.js";

/** The history next to a model file; `other` if it belongs to another model. */
export const fileHistory = async ({
  path,
  state,
}: Pick<Checkpoint, "path" | "state">): Promise<FoundHistory | { readonly kind: "other" }> => {
  const found = await readHistory(historyPathOf(path));
  if (found.kind !== "found" || found.history.model === stateDigest(state)) return found;
  return { kind: "other" };
};
