export const STATE_SUFFIX = ".state.safetensors";

/** The training state next to a model file: nin.state.safetensors for nin.safetensors. */
export const statePathOf = (modelPath: string): string =>
  `${modelPath.replace(/\.[^./\\]+$/, "")}${STATE_SUFFIX}`;
