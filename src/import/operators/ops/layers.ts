import type { Padding, Pair } from "../../../graph/window.js";
import { Unsupported } from "../../unsupported.js";
import {
  addNode,
  type Convert,
  computedInput,
  constantInput,
  dimsOfValue,
  mapsInput,
  type OpCall,
  optionalConstant,
  plain,
  resolve,
} from "../call.js";
import { constantBy, sizeOfDims } from "../constants/elementwise.js";
import { layerName } from "../names.js";
import { featurePlaces, plainView, reshaped } from "../strided-view.js";
import { type Computed, type Constant, computed, floatTensorOf } from "../value.js";
import { paddingOf, pairOf } from "./windows.js";

const biasOf = (call: OpCall, index: number, filters: number): Constant | undefined => {
  const bias = optionalConstant(call, index);
  if (bias && sizeOfDims(bias.dims) !== filters)
    throw new Unsupported(`has ${sizeOfDims(bias.dims)} biases for ${filters} outputs`);
  return bias;
};

/** Conv: weights [filters, channels / groups, rows, columns], which are PyTorch's order. */
export const convertConv: Convert = (call) => {
  const { node } = call;
  const weights = constantInput(call, 1);
  if (weights.dims.length !== 4)
    throw new Unsupported(`convolves over ${weights.dims.length - 2} axes, not 2`);
  const { value, shape } = mapsInput(call);
  const [filters, inputs, ...sides] = weights.dims as [number, number, number, number];
  const groups = node.int("group", 1);
  if (inputs * groups !== shape[2])
    throw new Unsupported(`needs ${inputs * groups} channels, but gets ${shape[2]}`);
  const window = {
    kernel: sides as Pair,
    stride: pairOf(node, "strides", [1, 1]),
    dilation: pairOf(node, "dilations", [1, 1]),
  };
  const padding: Padding = paddingOf(node, shape, window);
  const bias = biasOf(call, 2, filters);
  return plain(
    call,
    addNode(call, "conv", {
      name: layerName(call, 1),
      inputs: [value],
      options: { filters, groups, ...window, padding, hasBias: bias !== undefined },
      tensors: {
        weight: floatTensorOf(weights),
        bias: bias && floatTensorOf(bias, [filters]),
      },
    }),
  );
};

/** A matrix times a factor with its axes swapped if need be, so that it is [outputs, inputs]. */
const matrixOf = (
  { dims, values }: Constant,
  { isSwapped, factor }: { readonly isSwapped: boolean; readonly factor: number },
): Constant => {
  const [rows = 0, columns = 0] = dims;
  if (!isSwapped && factor === 1) return { kind: "constant", dims, values, isFloat: true };
  if (!isSwapped) return constantBy(dims, true, (index) => factor * (values[index] as number));
  return constantBy([columns, rows], true, (index) => {
    const [column, row] = [Math.floor(index / rows), index % rows];
    return factor * (values[row * columns + column] as number);
  });
};

/** A matrix [outputs, inputs] whose inputs are moved to their places. */
const withPlaces = ({ dims, values }: Constant, places: Int32Array): Constant => {
  const [outputs, inputs] = dims as [number, number];
  const moved = new Float32Array(outputs * inputs);
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      moved[output * inputs + (places[input] as number)] = values[
        output * inputs + input
      ] as number;
  return { kind: "constant", dims, values: moved, isFloat: true };
};

/** Maps that were flattened with their channels last are flattened as in PyTorch, and the matrix follows. */
const inOrder = (call: OpCall, matrix: Constant): readonly [Computed, Constant] => {
  const input = computedInput(call, 0);
  if (dimsOfValue(input)[1] !== matrix.dims[1]) return [input, matrix];
  const places = featurePlaces(input, call.batch);
  if (!places || places.every((place, at) => place === at)) return [input, matrix];
  call.budget.spend(matrix.values.length, matrix.values.length);
  const plainInput = plainView(input.base, input.shape, call.batch);
  const flat = reshaped(plainInput, [call.batch, places.length]);
  return [computed(flat), withPlaces(matrix, places)];
};

const addDense = (call: OpCall, given: Constant, bias: Constant | undefined) => {
  const [input, matrix] = inOrder(call, given);
  const [features, inputs] = matrix.dims as [number, number];
  if (input.axes.length !== 2)
    throw new Unsupported(`multiplies a value with ${input.axes.length} axes, not a vector`);
  const { value, shape } = resolve(call, input);
  if (shape[0] !== inputs) throw new Unsupported(`needs ${inputs} features, but gets ${shape[0]}`);
  return plain(
    call,
    addNode(call, "dense", {
      name: layerName(call, 1),
      inputs: [value],
      options: { features, hasBias: bias !== undefined },
      tensors: { weight: floatTensorOf(matrix), bias: bias && floatTensorOf(bias, [features]) },
    }),
  );
};

const isMatrix = ({ dims }: Constant): void => {
  if (dims.length !== 2) throw new Unsupported(`has weights of the shape [${dims}], not a matrix`);
};

/** Gemm: alpha A B + beta C. */
export const convertGemm: Convert = (call) => {
  const { node } = call;
  const weights = constantInput(call, 1);
  isMatrix(weights);
  if (node.int("transA", 0) !== 0) throw new Unsupported("transposes a computed value");
  const isSwapped = node.int("transB", 0) === 0;
  const matrix = matrixOf(weights, { isSwapped, factor: node.float("alpha", 1) });
  const features = matrix.dims[0] as number;
  const given = optionalConstant(call, 2);
  const spread = given && sizeOfDims(given.dims) === 1 && features > 1;
  const beta = node.float("beta", 1);
  const bias =
    given &&
    constantBy(
      spread ? [features] : given.dims,
      true,
      (index) => beta * (given.values[spread ? 0 : index] as number),
    );
  if (bias && sizeOfDims(bias.dims) !== features)
    throw new Unsupported(`has ${sizeOfDims(bias.dims)} biases for ${features} outputs`);
  return addDense(call, matrix, bias);
};

/** MatMul of vectors and a matrix [inputs, outputs]. */
export const convertMatMul: Convert = (call) => {
  const weights = constantInput(call, 1);
  isMatrix(weights);
  return addDense(call, matrixOf(weights, { isSwapped: true, factor: 1 }), undefined);
};

/** BatchNormalization with fixed statistics. */
export const convertBatchNorm: Convert = (call) => {
  const { node } = call;
  if (node.int("training_mode", 0) !== 0 || node.int("spatial", 1) !== 1)
    throw new Unsupported("normalizes by the statistics of the batch");
  const { value, shape } = resolve(call, computedInput(call, 0));
  const channels = shape.at(-1) as number;
  const [weight, bias, mean, variance] = [1, 2, 3, 4].map((index) => {
    const tensor = constantInput(call, index);
    if (sizeOfDims(tensor.dims) !== channels)
      throw new Unsupported(`has ${sizeOfDims(tensor.dims)} numbers for ${channels} channels`);
    return floatTensorOf(tensor, [channels]);
  });
  return plain(
    call,
    addNode(call, "batchNorm", {
      name: layerName(call, 1),
      inputs: [value],
      options: {
        epsilon: node.float("epsilon", 1e-5),
        newStatWeight: 1 - node.float("momentum", 0.9),
      },
      tensors: { weight, bias, running_mean: mean, running_var: variance },
    }),
  );
};
