import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { option } from "../../base/option-reference.js";
import { readFailure, readReason } from "../../files/reading/read-failure.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import { STATE_FILE } from "../checks/check-outputs.js";
import { stagePartsSchema } from "./stage-key.js";

const count = z.int().nonnegative();

const outputSchema = z.object({ file: z.string(), sha256: z.string() });

/** Accuracy, cost and size of a stage's net; null if its file does not record it. */
const numbersSchema = z.object({
  /** Percent. */
  accuracy: z.number().nullable(),
  parameters: count.nullable(),
  macs: count.nullable(),
  /** Size of its numbers with quantized kernels packed. */
  packedBytes: count.nullable(),
  /** Size of the stage's own file. */
  fileBytes: count,
});
export type StageNumbers = z.output<typeof numbersSchema>;

const stageRecordSchema = z.object({
  /** Digest of `parts`. */
  key: z.string(),
  /** What determined the stage's output, to say what changed since. */
  parts: stagePartsSchema,
  /** Seconds that the stage ran so far, without runs that were killed. */
  seconds: z.number().nonnegative(),
  /** What the stage wrote; null until it is finished. */
  done: z.object({ outputs: z.array(outputSchema).min(1), numbers: numbersSchema }).nullable(),
});
export type StageRecord = z.output<typeof stageRecordSchema>;

const FORMAT = "qprune-recipe-state";

const stateSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  stages: z.record(z.string(), stageRecordSchema),
});

/** Records of the stages that ran in a folder, by stage name. */
export type RecipeState = Readonly<Record<string, StageRecord>>;

/** The record of a stage. Safe for names that every object has as a property, such as `constructor`. */
export const recordOf = (state: RecipeState, name: string): StageRecord | undefined =>
  Object.hasOwn(state, name) ? state[name] : undefined;

/**
 * Reads the state file of a recipe's folder; empty if there is none.
 * @throws QpruneError if the file is damaged or not a state file.
 */
export const readRecipeState = async (folder: string): Promise<RecipeState> => {
  const path = join(folder, STATE_FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw readFailure(path, readReason(error), error);
  });
  if (text === undefined) return {};
  const hint = `Delete it to run every stage again, or choose another folder with ${option("folder")}.`;
  try {
    const parsed = stateSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.stages;
    const problem = firstProblem(parsed.error, "the whole");
    throw new QpruneError(`${path} is damaged (${problem}).`, { hint });
  } catch (cause) {
    if (cause instanceof QpruneError) throw cause;
    throw new QpruneError(`${path} is not valid JSON.`, { hint, cause });
  }
};

/** Writes the state file atomically. */
const writeRecipeState = async (folder: string, stages: RecipeState): Promise<void> => {
  const text = JSON.stringify({ format: FORMAT, version: 1, stages }, null, 2);
  await writeTextAtomically(join(folder, STATE_FILE), `${text}\n`);
};

/** Access to the records of a folder's stages; the state file is written with every change. */
export const openStateStore = (folder: string, initial: RecipeState) => {
  let state = initial;
  return {
    recordOf: (name: string): StageRecord | undefined => recordOf(state, name),
    save: async (name: string, record: StageRecord): Promise<void> => {
      state = { ...state, [name]: record };
      await writeRecipeState(folder, state);
    },
  };
};
export type StateStore = ReturnType<typeof openStateStore>;
