import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Architecture } from "../../models/architecture.js";
import { isArchitectureName } from "../../models/architectures.js";
import { netOfArch } from "../nets/net-of-arch.js";
import type { TrainingOptions } from "./training-call.js";

/** The files that training starts from. */
export interface InputFiles {
  /** The net of `arch`; used if no model file is given or the user named it. */
  readonly net: Architecture;
  readonly refine: Checkpoint | undefined;
  readonly resume: Checkpoint | undefined;
}

/**
 * Reads the files of `arch`, `refine` and `resume`. A state dict without a manifest must be that of a built-in net, or
 * of the net that the file of `arch` describes.
 * @throws QpruneError (usage) for `evaluate` without a file, and if a file cannot be read.
 */
export const readInputFiles = async (options: TrainingOptions): Promise<InputFiles> => {
  const { arch, evaluate, refine, resume, key } = options;
  if (evaluate && !refine && !resume) {
    throw new QpruneError(`${option("evaluate")} needs a file to test.`, {
      kind: "usage",
      hint: `Add ${option("resume")} FILE (or ${option("refine")} FILE), with the name of a file; auto is only for training.`,
    });
  }
  const net = await netOfArch(arch);
  const described = isArchitectureName(arch) ? undefined : net;
  return {
    net,
    refine: refine === undefined ? undefined : await loadCheckpoint(refine, { described, key }),
    resume: resume === undefined ? undefined : await loadCheckpoint(resume, { described, key }),
  };
};
