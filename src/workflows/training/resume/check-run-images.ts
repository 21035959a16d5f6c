import { QpruneError } from "../../../base/errors.js";
import type { DataSet } from "../../../data/data-set.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { ResumedRun } from "./resumed-run.js";

/**
 * A run that goes on, with the images that it had; with --override on changed ones, the epoch under way from its
 * start.
 * @throws QpruneError (usage) where the user's own images are no longer the same.
 */
export const onItsImages = (
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
        hint: "Give the folder as it was with --data, or go on with these images with --override.",
      },
    );
  }
  const position = { ...record.position, ...startOfEpoch(record.position.epoch) };
  return { ...run, record: { ...record, position } };
};
