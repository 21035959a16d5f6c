import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { fileDigest } from "../../files/reading/file-digest.js";
import { linkTarget } from "../../files/writing/link-target.js";
import { moveOver } from "../../files/writing/move-over.js";
import { writeFailure } from "../../files/writing/write-file-atomically.js";
import type { RecipeContext } from "../recipe-events.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";
import { type Decision, stageStatePath } from "./decide-stage.js";
import { measureStage } from "./measure-stage.js";
import type { StageRecord, StateStore } from "./recipe-state.js";
import { stageArgv } from "./stage-argv.js";
import { runStageCall, stageCall } from "./stage-call.js";
import { type StageParts, stageKey } from "./stage-key.js";
import { inputPath } from "./stage-parts.js";

/** What a stage needs to run. */
interface StageToMake {
  readonly recipe: Recipe;
  readonly decision: Decision;
  readonly parts: StageParts;
  readonly store: StateStore;
}

/** A finished stage, of this run or an earlier one. */
export interface StageOutcome {
  readonly stage: Stage;
  readonly isKept: boolean;
  readonly record: StageRecord & { readonly done: NonNullable<StageRecord["done"]> };
}

/** Keeps an old training state as `.previous`, so that a new run never resumes from it, whenever it is interrupted. */
const moveOldState = async (stage: Stage, folder: string): Promise<void> => {
  const path = stageStatePath(stage, folder);
  if (path === undefined) return;
  await moveOver(await linkTarget(path), `${path}.previous`).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw writeFailure(`${path}.previous`, error);
    },
  );
};

const digestsOf = async ({ name, outputs }: Stage, folder: string) => {
  const digests = [];
  for (const { file } of outputs) {
    const sha256 = await fileDigest(join(folder, file));
    if (sha256 === undefined) throw new QpruneError(`${name} did not write ${join(folder, file)}.`);
    digests.push({ file, sha256 });
  }
  return digests;
};

/** Runs a stage and records its outcome; undefined if it was interrupted. */
export const makeStage = async (
  stage: Stage,
  { recipe, decision, parts, store }: StageToMake,
  context: RecipeContext,
): Promise<StageOutcome | undefined> => {
  const { name, outputs, kind } = stage;
  const { folder } = recipe;
  const { now, signal, onEvent } = context;
  const resumes = decision.action === "resume";
  const known = store.recordOf(name);
  if (!resumes) await moveOldState(stage, folder);
  const secondsBefore = resumes ? (known?.seconds ?? 0) : 0;
  const started = { key: stageKey(parts), parts, seconds: secondsBefore, done: null };
  await store.save(name, started);
  // Only exports refuse to replace a file. A recorded stage replaces its own.
  const replaces = known !== undefined && kind === "export";
  const call = stageCall(stage, recipe, { resumes, replaces });
  const argv = stageArgv(stage, recipe, { resumes, replaces });
  onEvent({ kind: "stage-started", recipe, stage, decision, call, argv });
  const startedAt = now();
  const seconds = () => secondsBefore + (now() - startedAt) / 1000;
  try {
    const result = await runStageCall(call, context);
    onEvent({ kind: "stage-finished", stage, result });
  } finally {
    if (signal.aborted) await store.save(name, { ...started, seconds: seconds() });
  }
  if (signal.aborted) return undefined;
  const [input] = stage.inputs;
  const key = typeof stage.given.key === "string" ? stage.given.key : undefined;
  const source = input && { path: inputPath(input, recipe), key };
  const form = STAGE_KINDS[kind].makes(stage.options);
  const numbers = await measureStage(join(folder, outputs[0].file), form, source);
  const done = { outputs: await digestsOf(stage, folder), numbers };
  const record = { ...started, seconds: seconds(), done };
  await store.save(name, record);
  return { stage, isKept: false, record };
};
