import { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { firstProblem } from "../base/first-problem.js";
import { withOpenFile } from "../files/with-open-file.js";
import { writeFileAtomically } from "../files/write-file-atomically.js";

const VERSION = 1;

/** An epoch takes two hundred bytes; a file beyond this is none of ours. */
const MAX_BYTES = 2 ** 24;

const orNull = z.number().nullable();

/** One epoch with its test. JSON has no NaN: what was not measured is null. */
const epochSchema = z.object({
  /** From 1. */
  epoch: z.int().nonnegative(),
  /** Mean cross-entropy over the training images. */
  trainLoss: orNull,
  /** Percent of the training images, each before its step. */
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
  /** The run that wrote it (see the manifest); null of a file that was made without training. */
  run: z.string().nullable(),
  /** The calls that made the file which was started from, the oldest first; none where that is not known. */
  origin: z.array(z.string()).default([]),
  /** Of the state dict in the model file that the run wrote last (see stateDigest); null before the first. */
  model: z.string().nullable(),
  /** The calls of the run, as one types them, and the first epoch that each of them trained. */
  commands: z.array(z.object({ command: z.string(), fromEpoch: z.int().positive() })).min(1),
  /** All options of the last call, defaults included. */
  options: z.record(z.string(), z.unknown()),
  /** In their order, each once; those before a file that got lost are missing. */
  epochs: z.array(epochSchema),
});

/** How a model file was made, beside it: the calls, and what each epoch of its training did. */
export type TrainingHistory = Omit<z.output<typeof historySchema>, "version">;

/** A history as it was found. */
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

/** Reads a history; one that is not there or does not read as such is no error. */
export const readHistory = async (path: string): Promise<FoundHistory> => {
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
 * Writes a history; the old file stays until the new one is complete.
 * @throws QpruneError with the reason where the system refuses.
 */
export const writeHistory = async (path: string, history: TrainingHistory): Promise<void> => {
  const text = `${JSON.stringify({ version: VERSION, ...history }, undefined, 1)}\n`;
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
};
