import { QpruneError, usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { formText } from "../../../report/form-text.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingOptions } from "../training-call.js";
import { contradictionError } from "./contradiction-error.js";

const formOf = ({ manifest }: Checkpoint) => manifest?.spec.form ?? "trainable";

/** The files that spec and weights are taken from must be of the same form. */
const checkSameForm = ({ refine, resume }: Pick<InputFiles, "refine" | "resume">): void => {
  if (!refine || !resume || formOf(refine) === formOf(resume)) return;
  throw contradictionError(
    `${option("refine")} ${refine.path} contains ${formText(formOf(refine))} weights`,
    resume,
    `That file contains ${formText(formOf(resume))} ones; give only one of the files.`,
  );
};

/**
 * Checks that files contain latent weights, since only these can be trained; other files can be tested.
 * @throws QpruneError (usage) for quantized or merged weights without `evaluate`; with `evaluate`, for two files of
 * different forms; for new weights of a net that no file provides, or that is only tested.
 */
export const checkTrainable = (
  { evaluate, new_weights: hasNewWeights }: Pick<TrainingOptions, "evaluate" | "new_weights">,
  files: Pick<InputFiles, "refine" | "resume">,
): void => {
  if (hasNewWeights && (!files.refine || evaluate)) {
    throw usageError(
      `${option("new_weights")} trains the net of a file from new weights, but ${evaluate ? "the file is only tested" : `${option("refine")} is not given`}.`,
      `Name the file with ${option("refine")}, or omit ${option("new_weights")}.`,
    );
  }
  if (evaluate) {
    checkSameForm(files);
    return;
  }
  for (const file of [files.refine, files.resume]) {
    if (!file || formOf(file) === "trainable") continue;
    throw new QpruneError(
      `${file.path} contains ${file.packing ? "packed, " : ""}${formText(formOf(file))} weights, which cannot be trained.`,
      {
        kind: "usage",
        hint: `Continue with the trained file that it was made from. To test this file, use ${option("evaluate")}.`,
      },
    );
  }
};
