import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingOptions } from "../training-call.js";
import { contradiction } from "./contradiction.js";

const formOf = ({ manifest }: Checkpoint) => manifest?.spec.form ?? "trainable";

/** Files whose spec and whose weights are taken together must be of one form. */
const checkSameForm = ({ refine, resume }: Pick<InputFiles, "refine" | "resume">): void => {
  if (!refine || !resume || formOf(refine) === formOf(resume)) return;
  throw contradiction(
    `${option("refine")} ${refine.path} holds ${formOf(refine)} weights`,
    resume,
    `That holds ${formOf(resume)} ones; give one of the files.`,
  );
};

/**
 * Only latent weights are trained; other files are tested.
 * @throws QpruneError (usage) for a file of baked or merged weights, without `evaluate`; with it, for two files
 * of different forms.
 */
export const checkTrainable = (
  { evaluate }: Pick<TrainingOptions, "evaluate">,
  files: Pick<InputFiles, "refine" | "resume">,
): void => {
  if (evaluate) {
    checkSameForm(files);
    return;
  }
  for (const file of [files.refine, files.resume]) {
    if (!file || formOf(file) === "trainable") continue;
    throw new QpruneError(
      `${file.path} holds ${file.packing ? "packed, " : ""}${formOf(file)} weights, which cannot be trained.`,
      {
        kind: "usage",
        hint: `Continue with the file that it was made of, the one that training saved; ${option("evaluate")} tests this one.`,
      },
    );
  }
};
