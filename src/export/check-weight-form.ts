import { QpruneError } from "../base/errors.js";
import type { Model } from "../graph/model.js";
import { storedForm } from "../graph/stored-form.js";

/**
 * Checks that a model can be written as the graph of another program.
 * @throws QpruneError if it has latent weights.
 */
export const checkWeightForm = ({ graph }: Model): void => {
  if (storedForm(graph) !== "latent") return;
  throw new QpruneError("Latent weights cannot be exported as a graph.", {
    hint: "Quantize them first: latent weights are quantized again in every pass.",
  });
};
