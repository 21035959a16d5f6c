import { quoted } from "../../base/visible-text.js";
import { Hdf5Problem } from "../../formats/hdf5/bytes.js";
import type { Hdf5Object } from "../../formats/hdf5/read-hdf5.js";
import { type KerasFile, malformedKerasFile } from "../../formats/keras/read-keras.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { constantOf } from "../operators/value.js";
import { importKeras, type KerasWeight, type LayerPlace } from "./import-keras.js";

const weightOf = (object: Hdf5Object): KerasWeight => {
  const tensor = object.tensor();
  return { shape: tensor.shape, constant: () => constantOf(tensor) };
};

/** The parts of a list of names that is too long for one attribute: names0, names1, … */
const MAX_LISTS = 1000;

const textsOf = (group: Hdf5Object, attribute: string): readonly string[] => {
  const whole = group.texts(attribute);
  if (whole) return whole;
  const parts: string[] = [];
  for (let index = 0; index < MAX_LISTS; index++) {
    const part = group.texts(`${attribute}${index}`);
    if (!part) break;
    parts.push(...part);
  }
  return parts;
};

/** The layer of a weight's name: the last part before the name of the weight, as c of a/b/c/kernel:0. */
const layerOfWeight = (name: string): string => name.split("/").at(-2) ?? "";

/** The weights of a layer in a .h5 file. The group of a model contains the weights of its layers. */
const weightsInGroups =
  (weights: Hdf5Object) =>
  ({ names }: LayerPlace): KerasWeight[] => {
    const [top = ""] = names;
    const group = weights.member(top);
    if (!group) return [];
    const listed = textsOf(group, "weight_names");
    const own =
      names.length === 1 ? listed : listed.filter((name) => layerOfWeight(name) === names.at(-1));
    return own.map((name) => {
      const found = group.member(name);
      if (!found) throw new Hdf5Problem(`it has no weights ${quoted(name)}`);
      return weightOf(found);
    });
  };

/** The name of a class as Keras names groups: BatchNormalization is batch_normalization. */
const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** Names of the group with a model's layers: in Keras 3, and in the first versions of the archive. */
const CONTAINERS = ["layers", "_layer_checkpoint_dependencies"];

/** Variables of a layer that are read. */
const MAX_VARIABLES = 16;

/** The weights of a layer in a .keras archive, whose groups are named after classes and numbered. */
const weightsByClass =
  (weights: Hdf5Object) =>
  ({ names, classes, numbers }: LayerPlace): KerasWeight[] => {
    let model: Hdf5Object | undefined = weights;
    for (const [level, className] of classes.entries()) {
      const number = numbers[level] ?? 0;
      const name = `${snakeCase(className)}${number === 0 ? "" : `_${number}`}`;
      const parent: Hdf5Object | undefined = model;
      const container = CONTAINERS.map((each) => parent?.member(each)).find(Boolean);
      model = container?.member(name);
    }
    const variables = model?.member("vars");
    if (!variables) return [];
    const recorded = variables.texts("name")?.[0];
    if (recorded !== undefined && recorded !== names.at(-1))
      throw new Hdf5Problem(
        `it has the weights of ${quoted(recorded)} for ${quoted(names.at(-1) ?? "")}`,
      );
    const found: KerasWeight[] = [];
    for (let index = 0; index < MAX_VARIABLES; index++) {
      const variable = variables.member(String(index));
      if (!variable) break;
      found.push(weightOf(variable));
    }
    return found;
  };

/**
 * The net of a Keras file as a model (see importKeras).
 * @throws QpruneError that names the first layer that nets do not have, or that lacks weights.
 */
export const importKerasFile = (
  file: KerasFile,
  where: string,
  options: ImportOptions = {},
): ImportedModel => {
  const { kind, config, version, weights } = file;
  try {
    return importKeras(
      {
        where,
        topology: config,
        weightsOf: kind === "h5" ? weightsInGroups(weights) : weightsByClass(weights),
        // Keras 2 records the version of TensorFlow, 2.x.
        isKeras3: version.startsWith("3."),
        isTensorflowJs: false,
      },
      options,
    );
  } catch (error) {
    if (!(error instanceof Hdf5Problem)) throw error;
    throw malformedKerasFile(where, error.message, error);
  }
};
