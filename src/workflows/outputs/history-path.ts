/** What a model's file ends in: a state's name, a format, and that it was kept from an earlier run. */
const ENDING = /(\.state)?\.(safetensors|pth|pt)(\.previous|\.interrupted)?$/;

/**
 * The training history beside a model file: nin.safetensors and nin.state.safetensors have nin.history.json,
 * and what is kept as nin.safetensors.previous has nin.history.json.previous.
 */
export const historyPathOf = (modelPath: string): string => {
  const [ending = "", , , kept = ""] = ENDING.exec(modelPath) ?? [];
  return `${modelPath.slice(0, modelPath.length - ending.length)}.history.json${kept}`;
};
