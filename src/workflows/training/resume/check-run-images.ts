import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { DataSet } from "../../../data/data-set.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { ResumedRun } from "./resumed-run.js";

/**
 * A resumed run on the images that it had; on changed ones, where `override` allows them, from the start of its
 * current epoch.
 * @throws QpruneError (usage) where the user's own images are no longer the same.
 */
export const withRunImages = (
  run: ResumedRun,
  { fingerprint }: Pick<DataSet, "fingerprint">,
): ResumedRun => {
  const { state, record, call } = run;
  if (record.images === (fingerprint ?? null)) return run;
  if (!call.options.override) {
    throw new QpruneError(
      `The images in ${call.options.data} are not those that ${state.path} was trained on.`,
      {
        kind: "usage",
        hint: `Give the folder as it was with ${option("data")}, or continue on these images with ${option("override")}.`,
      },
    );
  }
  const position = { ...record.position, ...startOfEpoch(record.position.epoch) };
  return { ...run, record: { ...record, position } };
};
