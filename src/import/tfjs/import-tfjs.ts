import type { TfjsFile } from "../../formats/tfjs/read-tfjs.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { importKeras, type KerasWeight, type LayerPlace } from "../keras/import-keras.js";
import { importTensorflowGraph, tfjsConstant } from "../tensorflow/import-graph.js";

/** The layer of a weight: the name without its last part, as conv1 of conv1/kernel. */
const layerOf = (name: string): string => name.slice(0, Math.max(name.lastIndexOf("/"), 0));

/** The weights of each layer, in the order of the manifest. */
const byLayer = ({ weights }: TfjsFile): ReadonlyMap<string, KerasWeight[]> => {
  const layers = new Map<string, KerasWeight[]>();
  for (const [name, tensor] of weights) {
    const layer = layerOf(name);
    const weight = { shape: tensor.shape, constant: () => tfjsConstant(tensor) };
    const known = layers.get(layer);
    if (known) known.push(weight);
    else layers.set(layer, [weight]);
  }
  return layers;
};

/** The names that the weights of a layer may have: with those of all, some or none of the models that contain it. */
export const possibleNames = ({ names }: Pick<LayerPlace, "names">): string[] => {
  const own = names.at(-1) ?? "";
  const paths = names.map((_, index) => names.slice(index).join("/"));
  // Old versions of Keras repeat the name of the layer: conv1/conv1/kernel.
  return [...paths, `${own}/${own}`];
};

const importLayers = (
  file: Extract<TfjsFile, { kind: "layers" }>,
  where: string,
  options: ImportOptions,
): ImportedModel => {
  const { topology } = file;
  const layers = byLayer(file);
  const version = topology.keras_version;
  return importKeras(
    {
      where,
      topology: topology.model_config ?? topology,
      weightsOf: (place) => {
        const name = possibleNames(place).find((each) => layers.has(each));
        return name === undefined ? [] : (layers.get(name) ?? []);
      },
      isKeras3: typeof version === "string" && /^[3-9]\./.test(version),
      isTensorflowJs: typeof version !== "string" || version.startsWith("tfjs"),
    },
    options,
  );
};

/**
 * The net of a model.json of TensorFlow.js as a model: a frozen graph, or a model of Keras layers.
 * @throws QpruneError that names the first node or layer that nets do not have.
 */
export const importTfjs = (
  file: TfjsFile,
  where: string,
  options: ImportOptions = {},
): ImportedModel =>
  file.kind === "graph"
    ? importTensorflowGraph(file, where, options)
    : importLayers(file, where, options);
