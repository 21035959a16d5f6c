import { isFullPrecision, type Quantization } from "../../graph/quantizers.js";

/** The command that trains nets of a quantization. For a mix of both families, the weights decide. */
export const commandOf = (quantization: Quantization): "wqaq" | "wbwtab" | "prune" => {
  if (isFullPrecision(quantization)) return "prune";
  const { weights, activations } = quantization;
  const kind = weights.kind === "float" ? activations.kind : weights.kind;
  return kind === "dorefa" || kind === "affine" ? "wqaq" : "wbwtab";
};
