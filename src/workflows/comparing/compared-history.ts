import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { ComparedHistory } from "../../report/comparison/comparison.js";
import { fileHistory } from "../outputs/file-history.js";
import { historyPathOf } from "../outputs/history-path.js";
import { callsOf } from "../outputs/provenance.js";

/** The training history next to a file, or why there is none that belongs to it. */
export const comparedHistory = async (checkpoint: Checkpoint): Promise<ComparedHistory> => {
  const beside = historyPathOf(checkpoint.path);
  const found = await fileHistory(checkpoint);
  switch (found.kind) {
    case "none":
      return { kind: "none", why: `there is no ${beside}`, isMissing: true };
    case "damaged":
      return { kind: "none", why: `${beside} is damaged (${found.why})`, isMissing: false };
    case "other":
      return { kind: "none", why: `${beside} belongs to another file`, isMissing: false };
    case "found":
      return {
        kind: "found",
        commands: callsOf(found.history),
        epochs: found.history.epochs,
      };
  }
};
