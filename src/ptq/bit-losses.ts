import type { Model } from "../graph/model.js";
import type { WeightedNode } from "../graph/stored-form.js";
import { kernelOnGrids, weightGrids } from "../quant/numbers/affine-kernel.js";
import { kernelValues } from "../quant/numbers/grid-kernel.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";
import { leastErrorWeightRange } from "./layers/weight-range.js";

/** The weights of a layer rounded to some bits: symmetric, a scale per filter, with the range of the least error. */
export const roundedWeights = (
  { weights }: Model,
  { name }: WeightedNode,
  bits: number,
): { readonly shape: readonly number[]; readonly values: Float32Array } => {
  const weight = weights.get(`${name}.weight`);
  if (!weight) throw new Error(`The model lacks ${name}.weight.`);
  const quantizer = { kind: "affine", bits, isPerChannel: true, isSymmetric: true } as const;
  const values = weightNumbers(weight);
  const filters = weight.shape[0] as number;
  const grids = weightGrids(values, filters, quantizer, leastErrorWeightRange);
  return { shape: weight.shape, values: kernelValues(kernelOnGrids(values, grids, quantizer)) };
};

/**
 * The rise of the loss if the weights of a layer are rounded, to second order and without the interplay of weights: half the sum
 * of curvature times squared rounding error (HAWQ-V2, Dong et al. 2020, eq. 5, with a curvature per weight). A norm after the
 * layer changes nothing: folding it scales curvature and error inversely.
 * @param curvature of each weight, in PyTorch's order
 */
export const bitLoss = (
  model: Model,
  node: WeightedNode,
  bits: number,
  curvature: ArrayLike<number>,
): number => {
  const weight = model.weights.get(`${node.name}.weight`);
  if (!weight) throw new Error(`The model lacks ${node.name}.weight.`);
  const own = weightNumbers(weight);
  const { values } = roundedWeights(model, node, bits);
  let sum = 0;
  for (let index = 0; index < own.length; index++)
    sum += (curvature[index] as number) * ((values[index] as number) - (own[index] as number)) ** 2;
  return sum / 2;
};
