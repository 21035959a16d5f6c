import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { ComparedHistory } from "../../report/comparison/comparison.js";
import { fileHistory } from "../history/file-history.js";
import { historyPathOf } from "../history/history-path.js";
import { commandsOf } from "../history/provenance.js";

/** The training history of a file, or why it has none. */
export const comparedHistory = async (checkpoint: Checkpoint): Promise<ComparedHistory> => {
  const historyPath = historyPathOf(checkpoint.path);
  const found = await fileHistory(checkpoint);
  switch (found.kind) {
    case "none":
      return { kind: "none", why: `there is no ${historyPath}`, isMissing: true };
    case "damaged":
      return { kind: "none", why: `${historyPath} is damaged (${found.why})`, isMissing: false };
    case "other":
      return { kind: "none", why: `${historyPath} belongs to another file`, isMissing: false };
    case "found":
      return {
        kind: "found",
        commands: commandsOf(found.history),
        epochs: found.history.epochs,
      };
  }
};
