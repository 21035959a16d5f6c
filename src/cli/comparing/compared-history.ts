import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import { readHistory } from "../../checkpoint/training-history.js";
import type { ComparedHistory } from "../../report/comparison/comparison.js";
import { historyPathOf } from "../output/history-path.js";
import { callsOf } from "../output/made-history.js";

/** The training history beside a file, or why there is none that tells of it. */
export const comparedHistory = async ({ path, state }: Checkpoint): Promise<ComparedHistory> => {
  const beside = historyPathOf(path);
  const found = await readHistory(beside);
  switch (found.kind) {
    case "none":
      return { kind: "none", why: `there is no ${beside}`, isMissing: true };
    case "damaged":
      return { kind: "none", why: `${beside} is damaged (${found.why})`, isMissing: false };
    case "found": {
      const { model, epochs } = found.history;
      if (model !== stateDigest(state)) {
        return { kind: "none", why: `${beside} tells of another file`, isMissing: false };
      }
      return { kind: "found", commands: callsOf(found.history), epochs };
    }
  }
};
