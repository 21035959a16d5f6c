import { loadCheckpoint } from "../../../checkpoint/checkpoint.js";
import { trainingStatePathOf } from "../../../checkpoint/training/training-state-path.js";
import { exists } from "../../../files/reading/exists.js";
import type { WorkflowEvent } from "../../events.js";
import { interruptedPath, previousPath } from "../../outputs/output-file.js";

/** The event for a new run that replaces the model of an unfinished one, or undefined. */
export const unfinishedRun = async (file: string): Promise<WorkflowEvent | undefined> => {
  const found = await loadCheckpoint(file).catch(() => undefined);
  if (found?.manifest?.isFinished !== false) return undefined;
  const state = trainingStatePathOf(file);
  const kept = [interruptedPath(file), ...((await exists(state)) ? [previousPath(state)] : [])];
  const isReplacing = await exists(interruptedPath(file));
  return { kind: "unfinished-run-kept", file, kept, isReplacing };
};
