import { loadCheckpoint } from "../../../checkpoint/checkpoint.js";
import { statePathOf } from "../../../checkpoint/state-path.js";
import { exists } from "../../../files/exists.js";
import type { WorkflowEvent } from "../../events.js";
import { interruptedPath, previousPath } from "../../outputs/output-file.js";

/** The event of a new run whose model takes the place of an unfinished run's; undefined where there is none. */
export const unfinishedRun = async (file: string): Promise<WorkflowEvent | undefined> => {
  const found = await loadCheckpoint(file).catch(() => undefined);
  if (found?.manifest?.isFinished !== false) return undefined;
  const state = statePathOf(file);
  const kept = [interruptedPath(file), ...((await exists(state)) ? [previousPath(state)] : [])];
  const isReplacing = await exists(interruptedPath(file));
  return { kind: "unfinished-run-kept", file, kept, isReplacing };
};
