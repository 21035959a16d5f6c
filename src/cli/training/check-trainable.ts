import { QpruneError } from "../../core/errors.js";
import type { InputFiles } from "./input-files.js";
import type { TrainingOptions } from "./training-call.js";

/**
 * Only latent weights are trained; other files are tested.
 * @throws QpruneError (usage) for a file of baked or merged weights, without --evaluate.
 */
export const checkTrainable = (
  { evaluate }: Pick<TrainingOptions, "evaluate">,
  { refine, resume }: Pick<InputFiles, "refine" | "resume">,
): void => {
  if (evaluate) return;
  for (const file of [refine, resume]) {
    const form = file?.manifest?.spec.form ?? "trainable";
    if (!file || form === "trainable") continue;
    throw new QpruneError(
      `${file.path} holds ${file.packing ? "packed, " : ""}${form} weights, which cannot be trained.`,
      {
        kind: "usage",
        hint: "Go on with the file that it was made of, the one that training saved; --evaluate tests this one.",
      },
    );
  }
};
