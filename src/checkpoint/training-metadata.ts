import type { StateFile } from "./state-file.js";

/** What the metadata of a training state calls itself, beside the manifest of the net in it. */
export const TRAINING_STATE = "training state";

/** Names of an optimizer's moments begin so, in front of their parameter's. */
export const MOMENT_PREFIX = "adam.";

/** Whether a file's metadata says that it is a training state. */
export const isTrainingState = (metadata: Readonly<Record<string, string>>): boolean =>
  metadata.kind === TRAINING_STATE;

/** The net of a training state as a model's file would hold it; any other file is returned as it is. */
export const withoutTraining = (file: StateFile): StateFile => {
  if (!isTrainingState(file.metadata)) return file;
  const { kind: _, adamStep: __, record: ___, run: ____, ...metadata } = file.metadata;
  const tensors = [...file.tensors].filter(([name]) => !name.startsWith(MOMENT_PREFIX));
  return { ...file, metadata, tensors: new Map(tensors) };
};
