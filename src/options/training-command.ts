/** A command that trains. */
export type TrainingCommand = "wqaq" | "wbwtab" | "prune";

/** The quantizing command for the given option keys: the weights decide, or else the activations. */
export const quantizingCommandOf = (keys: ReadonlySet<string>): "wqaq" | "wbwtab" => {
  if (keys.has("W")) return "wbwtab";
  return keys.has("A") && !keys.has("Wbits") ? "wbwtab" : "wqaq";
};

const QUANTIZATION = ["W", "A", "Wbits", "Abits"];

/** The training command for the given option keys: float training if none of them quantizes. */
export const trainingCommandOf = (keys: ReadonlySet<string>): TrainingCommand =>
  QUANTIZATION.some((key) => keys.has(key)) ? quantizingCommandOf(keys) : "prune";
