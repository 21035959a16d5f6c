import type { TfjsTensor } from "../../formats/tfjs/read-weights.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { importTfjs } from "./import-tfjs.js";

/** The numbers of a weight of a model in memory. */
interface WeightTensor {
  readonly shape: readonly number[];
  readonly dataSync: () => ArrayLike<number>;
}

/** What is needed of a `tf.LayersModel` of TensorFlow.js. */
export interface LayersModel {
  readonly weights: readonly { readonly originalName: string; readonly read: () => WeightTensor }[];
  readonly toJSON: (unused: null, returnsString: false) => unknown;
}

const tensorOf = ({ shape, dataSync }: WeightTensor, tensor: WeightTensor): TfjsTensor => ({
  dtype: "F32",
  shape,
  data: new Uint8Array(Float32Array.from(dataSync.call(tensor)).buffer),
});

/**
 * A model of TensorFlow.js in memory as a model, which shares no memory with it.
 * @throws QpruneError that names the first layer that nets do not have.
 */
export const importLayersModel = (model: LayersModel, options: ImportOptions): ImportedModel => {
  const weights = model.weights.map((weight) => {
    const tensor = weight.read();
    return [weight.originalName, tensorOf(tensor, tensor)] as const;
  });
  const topology = model.toJSON(null, false) as Readonly<Record<string, unknown>>;
  return importTfjs({ kind: "layers", topology, weights: new Map(weights) }, "the model", options);
};
