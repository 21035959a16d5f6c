import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { DataSet } from "../../../data/data-set.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { ResumedRun } from "./resumed-run.js";

/**
 * Checks that a resumed run has the images that it started with. With `override` it may have others; it then resumes at
 * the start of its current epoch.
 * @throws QpruneError (usage) if the user's own images changed.
 */
export const withRunImages = (
  run: ResumedRun,
  { fingerprint }: Pick<DataSet, "fingerprint">,
): ResumedRun => {
  const { state, record, call } = run;
  if (record.images === (fingerprint ?? null)) return run;
  if (!call.options.override) {
    throw new QpruneError(
      `The images in ${call.options.data} are not the ones that ${state.path} was trained on.`,
      {
        kind: "usage",
        hint: `Set ${option("data")} to the unchanged folder, or continue on these images with ${option("override")}.`,
      },
    );
  }
  const position = { ...record.position, ...startOfEpoch(record.position.epoch) };
  return { ...run, record: { ...record, position } };
};
