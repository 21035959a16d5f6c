/** A command that trains. */
export type TrainingCommand = "wqaq" | "wbwtab" | "prune";

/** The quantizing command of the family that weights belong to; where none are given, that of the activations. */
export const quantizingCommandOf = (keys: ReadonlySet<string>): "wqaq" | "wbwtab" => {
  if (keys.has("W")) return "wbwtab";
  return keys.has("A") && !keys.has("Wbits") ? "wbwtab" : "wqaq";
};

const QUANTIZATION = ["W", "A", "Wbits", "Abits"];

/** The command that options choose by their keys: float training where none of them quantizes. */
export const trainingCommandOf = (keys: ReadonlySet<string>): TrainingCommand =>
  QUANTIZATION.some((key) => keys.has(key)) ? quantizingCommandOf(keys) : "prune";
