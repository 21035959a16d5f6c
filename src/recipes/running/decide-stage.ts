import { join } from "node:path";
import { trainingStatePathOf } from "../../checkpoint/training/training-state-path.js";
import { exists } from "../../files/reading/exists.js";
import { fileDigest } from "../../files/reading/file-digest.js";
import type { Stage } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";
import type { StageRecord } from "./recipe-state.js";
import { changesOf, type StageParts, stageKey } from "./stage-key.js";

/** What happens to a stage, and why. */
export interface Decision {
  /**
   * - `keep`: its files are up to date.
   * - `run`: it runs from the start.
   * - `resume`: it resumes from its training state.
   * - `wait`: it depends on stages that have to run first.
   */
  readonly action: "keep" | "run" | "resume" | "wait";
  readonly why: string;
}

/** The path of a stage's training state; undefined if it does not train. */
export const stageStatePath = ({ kind, outputs }: Stage, folder: string): string | undefined =>
  STAGE_KINDS[kind].isTraining ? trainingStatePathOf(join(folder, outputs[0].file)) : undefined;

/** Why an output differs from what the stage wrote, for the first that does. */
const changedOutput = async (
  { outputs }: Stage,
  folder: string,
  done: NonNullable<StageRecord["done"]>,
): Promise<string | undefined> => {
  for (const { file } of outputs) {
    const recorded = done.outputs.find((each) => each.file === file);
    if (!recorded) return `${file} was not written`;
    const digest = await fileDigest(join(folder, file));
    if (digest === undefined) return `${file} is missing`;
    if (digest !== recorded.sha256) return `${file} was changed`;
  }
  return undefined;
};

/** Decides what happens to a stage by comparing everything that determines its output with the record of its last run. */
export const decideStage = async (
  stage: Stage,
  folder: string,
  parts: StageParts,
  record: StageRecord | undefined,
): Promise<Decision> => {
  if (!record) return { action: "run", why: "has not run yet" };
  if (record.key !== stageKey(parts)) {
    const changes = changesOf(record.parts, parts);
    return { action: "run", why: changes.join("; ") || "the recipe format changed" };
  }
  if (!record.done) {
    const state = stageStatePath(stage, folder);
    return state !== undefined && (await exists(state))
      ? { action: "resume", why: "was stopped" }
      : { action: "run", why: "did not finish" };
  }
  const changed = await changedOutput(stage, folder, record.done);
  return changed === undefined
    ? { action: "keep", why: "done and unchanged" }
    : { action: "run", why: changed };
};
