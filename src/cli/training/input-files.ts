import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { QpruneError } from "../../core/errors.js";
import type { TrainingOptions } from "./training-call.js";

/** The files that a training command starts from. */
export interface InputFiles {
  readonly refine: Checkpoint | undefined;
  readonly resume: Checkpoint | undefined;
}

/**
 * Reads the files of --refine and --resume.
 * @throws QpruneError (usage) for --evaluate without either, and for files that cannot be read.
 */
export const readInputFiles = async (options: TrainingOptions): Promise<InputFiles> => {
  if (options.evaluate && !options.refine && !options.resume) {
    throw new QpruneError("--evaluate needs a file to evaluate.", {
      kind: "usage",
      hint: "Add --resume FILE (or --refine FILE).",
    });
  }
  return {
    refine: options.refine === undefined ? undefined : await loadCheckpoint(options.refine),
    resume: options.resume === undefined ? undefined : await loadCheckpoint(options.resume),
  };
};
