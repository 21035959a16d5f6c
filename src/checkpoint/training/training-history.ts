import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { exists } from "../../files/reading/exists.js";
import { withOpenFile } from "../../files/reading/with-open-file.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";

const VERSION = 1;

/** Limit on a history's bytes (CWE-770); an epoch takes about two hundred. */
const MAX_BYTES = 2 ** 24;

const orNull = z.number().nullable();

/** One epoch with its test. Values that were not measured are null, as JSON has no NaN. */
const epochSchema = z.object({
  /** From 1. */
  epoch: z.int().nonnegative(),
  /** Mean cross-entropy over the training images. */
  trainLoss: orNull,
  /** Percent of the training images, each classified before its training step. */
  trainAccuracy: orNull,
  testLoss: z.number(),
  /** Percent. */
  testAccuracy: z.number(),
  learningRate: z.number(),
  /** Training and test together. */
  seconds: orNull,
});
export type HistoryEpoch = z.output<typeof epochSchema>;

const historySchema = z.object({
  version: z.literal(VERSION),
  /** Id of the run that wrote it (see the manifest); null for a file created without training. */
  run: z.string().nullable(),
  /** The calls that created the file the run started from, oldest first; empty if unknown. */
  origin: z.array(z.string()).default([]),
  /** Digest of the state dict in the model file that the run last wrote (see stateDigest); null before the first. */
  model: z.string().nullable(),
  /** The calls of the run, as typed, with the first epoch that each of them trained. */
  commands: z.array(z.object({ command: z.string(), fromEpoch: z.int().positive() })).min(1),
  /** All options of the last call, including defaults. */
  options: z.record(z.string(), z.unknown()),
  /** In order, each once. If a file was lost, the epochs before it are missing. */
  epochs: z.array(epochSchema),
});

/** The provenance of a model file, stored next to it: the calls that created it, and the results of each epoch. */
export type TrainingHistory = Omit<z.output<typeof historySchema>, "version">;

/** The result of reading a history. */
export type FoundHistory =
  | { readonly kind: "found"; readonly history: TrainingHistory }
  | { readonly kind: "none" }
  | { readonly kind: "damaged"; readonly why: string };

const parse = (text: string): FoundHistory => {
  try {
    const parsed = historySchema.safeParse(JSON.parse(text));
    if (parsed.success) return { kind: "found", history: parsed.data };
    return { kind: "damaged", why: firstProblem(parsed.error, "it") };
  } catch (error) {
    return { kind: "damaged", why: (error as Error).message };
  }
};

const isMissing = ({ cause }: QpruneError): boolean =>
  cause instanceof Error && "code" in cause && ["ENOENT", "ENOTDIR"].includes(String(cause.code));

/** Reads a history. A missing or damaged one is a result, not an error. */
export const readHistory = async (path: string): Promise<FoundHistory> => {
  if (!(await exists(path))) return { kind: "none" };
  try {
    return await withOpenFile(path, async ({ size, read }): Promise<FoundHistory> => {
      if (size > MAX_BYTES) return { kind: "damaged", why: `it has ${size} bytes` };
      return parse(new TextDecoder().decode(await read(0, size)));
    });
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    return isMissing(error) ? { kind: "none" } : { kind: "damaged", why: error.message };
  }
};

/**
 * Writes a history; an existing file stays until the new one is complete.
 * @throws QpruneError with the reason if the system refuses.
 */
export const writeHistory = async (path: string, history: TrainingHistory): Promise<void> => {
  const text = `${JSON.stringify({ version: VERSION, ...history }, undefined, 1)}\n`;
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
};
