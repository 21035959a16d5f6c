import type { NetFile } from "../net-files/net-file.js";

/** The `kind` in the metadata of a training state, which also contain the manifest of its net. */
export const TRAINING_STATE = "training state";

/** Prefix of the names of an optimizer's moments, before the name of their parameter. */
export const MOMENT_PREFIX = "adam.";

/** Whether a file is a training state, by its metadata. */
export const isTrainingState = (metadata: Readonly<Record<string, string>>): boolean =>
  metadata.kind === TRAINING_STATE;

/** The net of a training state as a model file would contain it; any other file is returned unchanged. */
export const withoutTraining = (file: NetFile): NetFile => {
  if (!isTrainingState(file.metadata)) return file;
  const { kind: _, adamStep: __, record: ___, run: ____, ...metadata } = file.metadata;
  const tensors = [...file.tensors].filter(([name]) => !name.startsWith(MOMENT_PREFIX));
  return { ...file, metadata, tensors: new Map(tensors) };
};
