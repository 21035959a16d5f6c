export const TRAINING_STATE_SUFFIX = ".state.safetensors";

/** The training state next to a model file: nin.state.safetensors for nin.safetensors. */
export const trainingStatePathOf = (modelPath: string): string =>
  `${modelPath.replace(/\.[^./\\]+$/, "")}${TRAINING_STATE_SUFFIX}`;
