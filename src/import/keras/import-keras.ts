import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { convertNet } from "../conversion/convert-net.js";
import { inputSides } from "../conversion/images.js";
import { orderedNodes } from "../conversion/order-nodes.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { constantBy } from "../operators/constants/elementwise.js";
import type { Operators } from "../operators/operators.js";
import { plainNode, type ReadNode } from "../operators/read-node.js";
import type { Constant } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";
import { LAYER_KINDS } from "./layer-kinds.js";
import { settingsOf } from "./settings.js";
import {
  type Argument,
  endsOf,
  inputSidesOf,
  isModel,
  type LayerConfig,
  layerOf,
  layersOf,
  malformedKeras,
} from "./topology.js";

/** Where a layer is: the names of the models that contain it, and its own; and its number among the layers of each. */
export interface LayerPlace {
  readonly names: readonly string[];
  readonly classes: readonly string[];
  /** For each model, the classes of the layers before, from which Keras 3 makes names. */
  readonly numbers: readonly number[];
}

/** A weight, whose numbers are read when they are needed. */
export interface KerasWeight extends Pick<StoredTensor, "shape"> {
  readonly constant: () => Constant;
}

/** A Keras model with its weights. */
export interface KerasSource {
  readonly where: string;
  /** The model as JSON. */
  readonly topology: unknown;
  /** The weights of a layer in Keras's order. */
  readonly weightsOf: (place: LayerPlace) => readonly KerasWeight[];
  readonly isKeras3: boolean;
  readonly isTensorflowJs: boolean;
}

/** Models within models. */
const MAX_DEPTH = 8;
const MAX_NODES = 20_000;

/** The nodes of a model so far. */
interface Expansion {
  readonly source: KerasSource;
  readonly nodes: ReadNode[];
  readonly constants: Map<string, KerasWeight>;
}

/** A model within others. */
interface Scope {
  readonly prefix: string;
  readonly place: LayerPlace;
  readonly depth: number;
}

const ROOT: Scope = { prefix: "", place: { names: [], classes: [], numbers: [] }, depth: 0 };

/** The output of a layer's call. */
const callName = (prefix: string, layer: string, call: number): string =>
  call === 0 ? `${prefix}${layer}` : `${prefix}${layer}:${call}`;

const add = (expansion: Expansion, node: ReadNode): void => {
  expansion.nodes.push(node);
  if (expansion.nodes.length > MAX_NODES)
    throw malformedKeras(expansion.source.where, `it has more than ${MAX_NODES} calls of layers`);
};

/** Adds the weights of a layer and returns their names. */
const addWeights = (
  { source, constants }: Expansion,
  { className, name, config }: LayerConfig,
  { prefix, place }: Scope,
): string[] => {
  const wanted = LAYER_KINDS.get(className)?.weights?.(config) ?? [];
  if (wanted.length === 0) return [];
  const found = source.weightsOf(place);
  if (found.length !== wanted.length)
    throw malformedKeras(
      source.where,
      `layer ${quoted(name)} (${className}) needs ${wanted.length} weights (${wanted.join(", ")}), but has ${found.length}`,
    );
  return wanted.map((suffix, index) => {
    const id = `${prefix}${name}/${suffix}`;
    constants.set(id, found[index] as KerasWeight);
    return id;
  });
};

/** Adds the nodes of one call of a layer or model, which reads `inputs`. */
const addCall = (
  expansion: Expansion,
  layer: LayerConfig,
  {
    scope,
    inputs,
    call,
  }: { readonly scope: Scope; readonly inputs: readonly string[]; readonly call: number },
): void => {
  const { className, name, config } = layer;
  const { isKeras3, isTensorflowJs } = expansion.source;
  const output = callName(scope.prefix, name, call);
  if (isModel(layer)) {
    const inner = { ...scope, prefix: `${output}/`, depth: scope.depth + 1 };
    const result = expandModel(expansion, layer, inner, inputs);
    add(expansion, plainNode({ name: output, op: className, inputs: [result], outputs: [output] }));
    return;
  }
  const attributes = {
    ...settingsOf(className, config),
    isKeras3: Number(isKeras3),
    isTensorflowJs: Number(isTensorflowJs),
  };
  const read = [...inputs, ...addWeights(expansion, layer, scope)];
  add(
    expansion,
    plainNode({ name: output, op: className, inputs: read, outputs: [output] }, attributes),
  );
};

/** The place of a layer of a model. */
const placeOf = (place: LayerPlace, layers: readonly LayerConfig[], index: number): LayerPlace => {
  const { name, className } = layers[index] as LayerConfig;
  const before = layers.slice(0, index).filter((each) => each.className === className).length;
  return {
    names: [...place.names, name],
    classes: [...place.classes, className],
    numbers: [...place.numbers, before],
  };
};

/** The value that an argument names; a number becomes a constant. */
const argumentName = (
  { constants, source }: Expansion,
  argument: Argument,
  {
    prefix,
    output,
    index,
  }: { readonly prefix: string; readonly output: string; readonly index: number },
): string => {
  if (argument.kind === "number") {
    const id = `${output}/number${index}`;
    const { value } = argument;
    constants.set(id, { shape: [], constant: () => constantBy([], true, () => value) });
    return id;
  }
  const { layer, call, output: at } = argument;
  if (at === 0) return callName(prefix, layer, call);
  throw malformedKeras(source.where, `a layer reads output ${at} of layer ${quoted(layer)}`);
};

const expandFunctional = (
  expansion: Expansion,
  model: LayerConfig,
  scope: Scope,
  given: readonly string[] | undefined,
): string => {
  const { where } = expansion.source;
  const layers = layersOf(model, where);
  const inputs = endsOf(model, "input_layers").map(({ layer }) => layer);
  for (const [index, layer] of layers.entries()) {
    const place = placeOf(scope.place, layers, index);
    const inner = { ...scope, place };
    if (layer.className === "InputLayer") {
      const value = given?.[inputs.indexOf(layer.name)];
      if (value !== undefined)
        addCall(expansion, layer, { scope: inner, inputs: [value], call: 0 });
      continue;
    }
    for (const [call, read] of layer.calls.entries()) {
      const output = callName(scope.prefix, layer.name, call);
      const names = read.map((argument, at) =>
        argumentName(expansion, argument, { prefix: scope.prefix, output, index: at }),
      );
      addCall(expansion, layer, { scope: inner, inputs: names, call });
    }
  }
  const [end, ...more] = endsOf(model, "output_layers");
  if (end && more.length === 0) return callName(scope.prefix, end.layer, end.call);
  throw malformedKeras(where, `a model has ${more.length + (end ? 1 : 0)} outputs; a net has one`);
};

/** The input of the whole model: the layer that records the sides of the images. */
interface Start {
  readonly name: string;
  readonly sides: readonly (number | null)[] | undefined;
}

const expandSequence = (
  expansion: Expansion,
  model: LayerConfig,
  scope: Scope,
  given: readonly string[],
): string => {
  const layers = layersOf(model, expansion.source.where);
  let [value = ""] = given;
  for (const [index, layer] of layers.entries()) {
    const place = placeOf(scope.place, layers, index);
    addCall(expansion, layer, { scope: { ...scope, place }, inputs: [value], call: 0 });
    value = callName(scope.prefix, layer.name, 0);
  }
  return value;
};

const expandModel = (
  expansion: Expansion,
  model: LayerConfig,
  scope: Scope,
  given: readonly string[],
): string => {
  if (scope.depth > MAX_DEPTH)
    throw malformedKeras(expansion.source.where, `it has models within ${MAX_DEPTH} others`);
  return model.className === "Sequential"
    ? expandSequence(expansion, model, scope, given)
    : expandFunctional(expansion, model, scope, given);
};

/** The input of a model. */
const startOf = (model: LayerConfig, where: string, depth = 0): Start => {
  const layers = layersOf(model, where);
  if (model.className !== "Sequential") {
    const inputs = endsOf(model, "input_layers");
    if (inputs.length !== 1)
      throw new QpruneError(
        `${where}: it has ${inputs.length} inputs; a net has one, its images.`,
        {
          kind: "usage",
          hint: "Save a model with images as its only input.",
        },
      );
    const input = layers.find(({ name }) => name === inputs[0]?.layer);
    if (input) return { name: input.name, sides: inputSidesOf(input) };
    throw malformedKeras(where, "its input is not one of its layers");
  }
  const [first] = layers;
  if (!first) throw malformedKeras(where, "it has no layers");
  const sides = inputSidesOf(first) ?? inputSidesOf(model);
  if (sides || !isModel(first) || depth > MAX_DEPTH) return { name: "images", sides };
  return { ...startOf(first, where, depth + 1), name: "images" };
};

const operators: Operators = {
  isKnown: (op) => LAYER_KINDS.has(op),
  convert: (call) => {
    const kind = LAYER_KINDS.get(call.node.op);
    if (!kind) throw new Unsupported("is a layer that qprune's nets do not have");
    return kind.convert(call);
  },
};

/** The version of ONNX's operators that layers become. */
const OPSET = 18;

/**
 * A Keras model, sequential or functional, as a model (see convertNet). Models within it become their layers.
 * @throws QpruneError that names the first layer that nets do not have, or that lacks weights.
 */
export const importKeras = (source: KerasSource, options: ImportOptions): ImportedModel => {
  const { where } = source;
  const model = layerOf(source.topology, where);
  if (!isModel(model))
    throw malformedKeras(
      where,
      `its class is ${quoted(model.className)}, not Sequential or Functional`,
    );
  const expansion: Expansion = { source, nodes: [], constants: new Map() };
  const start = startOf(model, where);
  const isSequence = model.className === "Sequential";
  const output = isSequence
    ? expandSequence(expansion, model, ROOT, [start.name])
    : expandFunctional(expansion, model, ROOT, undefined);
  const { constants } = expansion;
  const numbers = [...constants.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  return convertNet(
    {
      where,
      name: model.name,
      nodes: orderedNodes(expansion.nodes),
      outputs: [output],
      images: {
        name: start.name,
        sides: inputSides(start.name, start.sides, where),
        isChannelsLast: true,
      },
      constantNamed: (name) => constants.get(name)?.constant(),
      numbers,
      opset: OPSET,
      operators,
      isChannelsLast: true,
    },
    options,
  );
};
