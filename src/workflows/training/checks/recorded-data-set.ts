import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { DATA_SET_NAMES } from "../../../data/data-set.js";
import type { TrainingCall } from "../training-call.js";

/** A built-in data set that a file records, if the call would train on another one by default. */
const otherRecorded = (
  { options, given }: TrainingCall,
  file: Checkpoint | undefined,
): string | undefined => {
  const recorded = file?.manifest?.dataSet.name;
  const isOther = recorded !== options.dataset && !given.has("dataset");
  return isOther ? DATA_SET_NAMES.find((name) => name === recorded) : undefined;
};

/**
 * The error of a data set that cannot be opened. If the file that training starts from was trained on another one, and
 * no option chooses a data set, the hint names that one.
 */
export const adviceOnRecordedDataSet = (
  error: unknown,
  call: TrainingCall,
  file: Checkpoint | undefined,
): unknown => {
  const recorded = otherRecorded(call, file);
  if (!(error instanceof QpruneError) || !file || recorded === undefined) return error;
  const { message } = error.template;
  return new QpruneError(message, {
    kind: error.kind,
    hint: `${file.path} was trained on ${recorded}. To train it on these images again, add ${option("dataset")} ${recorded}.`,
    cause: error,
  });
};

/** The event for a net that continues on another data set than the recorded one, without an option that asks for it. */
export const otherDataSet = (call: TrainingCall, file: Checkpoint) => {
  const recorded = otherRecorded(call, file);
  if (recorded === undefined) return undefined;
  const { dataset } = call.options;
  return { kind: "other-data-set", file: file.path, recorded, dataset } as const;
};
