import type { NetFile } from "../net-files/net-file.js";

/** The `kind` in the metadata of a training state, which also contain the manifest of its net. */
export const TRAINING_STATE = "training state";

/** Prefix of the names of an optimizer's moments, before the name of their parameter. */
export const MOMENT_PREFIX = "adam.";

/** Keys of the metadata of a training state that a model file does not have. */
const OF_TRAINING: ReadonlySet<string> = new Set([
  "kind",
  "adamStep",
  "trainingPasses",
  "record",
  "run",
]);

/** Whether a file is a training state, by its metadata. */
export const isTrainingState = (metadata: Readonly<Record<string, string>>): boolean =>
  metadata.kind === TRAINING_STATE;

/** The net of a training state as a model file would contain it; any other file is returned unchanged. */
export const withoutTraining = (file: NetFile): NetFile => {
  if (!isTrainingState(file.metadata)) return file;
  const metadata = Object.fromEntries(
    Object.entries(file.metadata).filter(([key]) => !OF_TRAINING.has(key)),
  );
  const tensors = [...file.tensors].filter(([name]) => !name.startsWith(MOMENT_PREFIX));
  return { ...file, metadata, tensors: new Map(tensors) };
};
