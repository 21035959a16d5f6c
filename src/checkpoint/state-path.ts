export const STATE_SUFFIX = ".state.safetensors";

/** The training state beside a model file: nin.safetensors has nin.state.safetensors. */
export const statePathOf = (modelPath: string): string =>
  `${modelPath.replace(/\.[^./\\]+$/, "")}${STATE_SUFFIX}`;
