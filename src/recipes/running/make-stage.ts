import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { fileDigest } from "../../files/file-digest.js";
import { linkTarget } from "../../files/link-target.js";
import { moveOver } from "../../files/move-over.js";
import { writeFailure } from "../../files/write-file-atomically.js";
import type { RecipeContext } from "../recipe-events.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";
import { type Decision, stagePathOfState } from "./decide-stage.js";
import { measureStage } from "./measure-stage.js";
import type { RecipeBook } from "./recipe-book.js";
import type { StageRecord } from "./recipe-state.js";
import { stageArgv } from "./stage-argv.js";
import { runStageCall, stageCall } from "./stage-call.js";
import { type StageParts, stageKey } from "./stage-key.js";
import { inputPath } from "./stage-parts.js";

/** What a stage is made in and from. */
interface StageToMake {
  readonly recipe: Recipe;
  readonly decision: Decision;
  readonly parts: StageParts;
  readonly book: RecipeBook;
}

/** A stage that is done, by this run or an earlier one. */
export interface StageOutcome {
  readonly stage: Stage;
  readonly isKept: boolean;
  readonly record: StageRecord & { readonly done: NonNullable<StageRecord["done"]> };
}

/** A fresh training must not find the state of another one, however it is stopped: it is kept as `.previous`. */
const moveOldState = async (stage: Stage, folder: string): Promise<void> => {
  const path = stagePathOfState(stage, folder);
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

/** Runs a stage whose files are not there yet; undefined where it was stopped. */
export const makeStage = async (
  stage: Stage,
  { recipe, decision, parts, book }: StageToMake,
  context: RecipeContext,
): Promise<StageOutcome | undefined> => {
  const { name, outputs, kind } = stage;
  const { folder } = recipe;
  const { now, signal, onEvent } = context;
  const resumes = decision.action === "resume";
  const known = book.recordOf(name);
  if (!resumes) await moveOldState(stage, folder);
  const secondsBefore = resumes ? (known?.seconds ?? 0) : 0;
  const started = { key: stageKey(parts), parts, seconds: secondsBefore, done: null };
  await book.save(name, started);
  // Only exports refuse to replace a file; one that is known is the stage's own.
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
    if (signal.aborted) await book.save(name, { ...started, seconds: seconds() });
  }
  if (signal.aborted) return undefined;
  const [input] = stage.inputs;
  const key = typeof stage.given.key === "string" ? stage.given.key : undefined;
  const source = input && { path: inputPath(input, recipe), key };
  const form = STAGE_KINDS[kind].makes(stage.options);
  const numbers = await measureStage(join(folder, outputs[0].file), form, source);
  const done = { outputs: await digestsOf(stage, folder), numbers };
  const record = { ...started, seconds: seconds(), done };
  await book.save(name, record);
  return { stage, isKept: false, record };
};
