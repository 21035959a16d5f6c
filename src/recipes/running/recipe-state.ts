import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { option } from "../../base/option-reference.js";
import { readFailure, readReason } from "../../files/read-failure.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { STATE_FILE } from "../checks/check-outputs.js";
import { stagePartsSchema } from "./stage-key.js";

const count = z.int().nonnegative();

const outputSchema = z.object({ file: z.string(), sha256: z.string() });

/** What a stage's net is and takes; null where its file does not tell. */
const numbersSchema = z.object({
  /** Percent. */
  accuracy: z.number().nullable(),
  parameters: count.nullable(),
  macs: count.nullable(),
  /** Its numbers with quantized kernels packed. */
  packedBytes: count.nullable(),
  /** Of the stage's own file. */
  fileBytes: count,
});
export type StageNumbers = z.output<typeof numbersSchema>;

const stageRecordSchema = z.object({
  key: z.string(),
  /** What the key is of: it tells what changed. */
  parts: stagePartsSchema,
  /** Seconds that the stage took so far; those of a run that was killed are not known. */
  seconds: z.number().nonnegative(),
  /** What it has written; null until it is done. */
  done: z.object({ outputs: z.array(outputSchema).min(1), numbers: numbersSchema }).nullable(),
});
export type StageRecord = z.output<typeof stageRecordSchema>;

const FORMAT = "qprune-recipe-state";

const stateSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  stages: z.record(z.string(), stageRecordSchema),
});

/** What is known of stages that ran in a folder, by their names. */
export type RecipeState = Readonly<Record<string, StageRecord>>;

/** What is known of a stage, whose name may be that of a property which every object has. */
export const recordOf = (state: RecipeState, name: string): StageRecord | undefined =>
  Object.hasOwn(state, name) ? state[name] : undefined;

/**
 * The state beside a recipe's files; empty where there is none.
 * @throws QpruneError where it is none of qprune's, or damaged.
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
    throw new QpruneError(`${path} is no JSON.`, { hint, cause });
  }
};

/** Writes the state, whole or not at all. */
export const writeRecipeState = async (folder: string, stages: RecipeState): Promise<void> => {
  const text = JSON.stringify({ format: FORMAT, version: 1, stages }, null, 2);
  await writeFileAtomically(join(folder, STATE_FILE), [new TextEncoder().encode(`${text}\n`)]);
};
