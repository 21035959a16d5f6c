import type { OptimizerKind } from "../../models/trainer-state.js";
import type { NetFile } from "../net-files/net-file.js";

/** The `kind` in the metadata of a training state, which also contain the manifest of its net. */
export const TRAINING_STATE = "training state";

/** Prefix of the names of an optimizer's slots, before the name of the slot and that of the parameter. */
export const SLOT_PREFIX: Readonly<Record<OptimizerKind, string>> = {
  adam: "adam.",
  adamw: "adam.",
  sgd: "training.sgd.",
};

/** Prefix of the names of moving averages, before the name of their parameter. */
export const AVERAGE_PREFIX = "training.average.";

const TENSOR_PREFIXES = [...Object.values(SLOT_PREFIX), AVERAGE_PREFIX];

/** Metadata of a training state that a model file does not have. */
const TRAINING_KEYS = new Set(["kind", "adamStep", "optimizer", "trainingPasses", "record", "run"]);

/** Whether a file is a training state, by its metadata. */
export const isTrainingState = (metadata: Readonly<Record<string, string>>): boolean =>
  metadata.kind === TRAINING_STATE;

/** The net of a training state as a model file would contain it; any other file is returned unchanged. */
export const withoutTraining = (file: NetFile): NetFile => {
  if (!isTrainingState(file.metadata)) return file;
  const metadata = Object.entries(file.metadata).filter(([key]) => !TRAINING_KEYS.has(key));
  const tensors = [...file.tensors].filter(
    ([name]) => !TENSOR_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  return { ...file, metadata: Object.fromEntries(metadata), tensors: new Map(tensors) };
};
