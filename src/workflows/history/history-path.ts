/** The endings of model files: `.state` for training states, the format, and the suffix of files from earlier runs. */
const ENDING = /(\.state)?\.(safetensors|pth|pt)(\.previous|\.interrupted)?$/;

/**
 * The path of a model's training history: nin.safetensors and nin.state.safetensors have nin.history.json, and
 * nin.safetensors.previous has nin.history.json.previous.
 */
export const historyPathOf = (modelPath: string): string => {
  const [ending = "", , , kept = ""] = ENDING.exec(modelPath) ?? [];
  return `${modelPath.slice(0, modelPath.length - ending.length)}.history.json${kept}`;
};
