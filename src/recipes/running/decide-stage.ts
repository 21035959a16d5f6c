import { join } from "node:path";
import { statePathOf } from "../../checkpoint/state-path.js";
import { exists } from "../../files/exists.js";
import { fileDigest } from "../../files/file-digest.js";
import type { Stage } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";
import type { StageRecord } from "./recipe-state.js";
import { changesOf, type StageParts, stageKey } from "./stage-key.js";

/** What is done with a stage, and why. */
export interface Decision {
  /** `keep`: its files stay; `run`: anew; `resume`: from its training state; `wait`: other stages decide. */
  readonly action: "keep" | "run" | "resume" | "wait";
  readonly why: string;
}

/** The training state of a stage; undefined for one that keeps none. */
export const stagePathOfState = ({ kind, outputs }: Stage, folder: string): string | undefined =>
  STAGE_KINDS[kind].isTraining ? statePathOf(join(folder, outputs[0].file)) : undefined;

/** The first output that is not what the stage has written. */
const spoiltOutput = async (
  { outputs }: Stage,
  folder: string,
  done: NonNullable<StageRecord["done"]>,
): Promise<string | undefined> => {
  for (const { file } of outputs) {
    const recorded = done.outputs.find((each) => each.file === file);
    if (!recorded) return `${file} was not written`;
    const digest = await fileDigest(join(folder, file));
    if (digest === undefined) return `${file} is missing`;
    if (digest !== recorded.sha256) return `${file} is not the one that was made`;
  }
  return undefined;
};

/** What is done with a stage, by what decides its files and what is known of an earlier run. */
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
    const state = stagePathOfState(stage, folder);
    return state !== undefined && (await exists(state))
      ? { action: "resume", why: "was stopped" }
      : { action: "run", why: "did not come to its end" };
  }
  const spoilt = await spoiltOutput(stage, folder, record.done);
  return spoilt === undefined
    ? { action: "keep", why: "done and unchanged" }
    : { action: "run", why: spoilt };
};
