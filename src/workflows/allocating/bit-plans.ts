import { macsOf } from "../../graph/cost.js";
import { nodesInGraph } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import { isWeighted, type WeightedNode } from "../../graph/stored-form.js";
import { bitLoss } from "../../ptq/bit-losses.js";
import { type Choice, chooseBits } from "../../ptq/choose-bits.js";
import type { BitPlan } from "../../report/allocation/allocation.js";

const SCALE_BYTES = 4;

/** What a layer costs and loses with each number of bits. */
interface LayerChoices {
  readonly node: WeightedNode;
  readonly weights: number;
  readonly choices: readonly {
    readonly bits: number;
    readonly bytes: number;
    readonly bitops: number;
    readonly loss: number;
  }[];
}

/** What is limited. */
export type Limit = "bytes" | "bitops";

/** The choices of all layers of a model; `curvature` is that of the weights of a layer, in PyTorch's order. */
export const layerChoices = (
  model: Model,
  bits: readonly number[],
  inputBits: number,
  curvature: (layer: string) => ArrayLike<number>,
): LayerChoices[] =>
  nodesInGraph(model.graph).flatMap((placed) => {
    const { node } = placed;
    const kernel = model.weights.get(`${node.name}.weight`);
    if (!isWeighted(node) || !kernel) return [];
    const weights = kernel.shape.reduce((product, side) => product * side, 1);
    const macs = macsOf(placed);
    const filters = kernel.shape[0] as number;
    const choices = bits.map((own) => ({
      bits: own,
      bytes: Math.ceil((weights * own) / 8) + SCALE_BYTES * filters,
      bitops: macs * own * inputBits,
      loss: bitLoss(model, node, own, curvature(node.name)),
    }));
    return [{ node, weights, choices }];
  });

/** The plan in which each layer has the choice of this index. */
export const planOf = (layers: readonly LayerChoices[], chosen: readonly number[]): BitPlan => {
  const settings = layers.map(({ choices }, layer) => choices[chosen[layer] as number]);
  const total = (of: "bytes" | "bitops" | "loss"): number =>
    settings.reduce((sum, setting) => sum + (setting?.[of] ?? 0), 0);
  return {
    bits: settings.map((setting) => setting?.bits ?? 0),
    bytes: total("bytes"),
    bitops: total("bitops"),
    predictedLoss: total("loss"),
  };
};

/** The plan with the least predicted loss within a budget; null if there is none. */
export const bestPlan = (
  layers: readonly LayerChoices[],
  limit: Limit,
  budget: number,
): BitPlan | null => {
  const knapsack = layers.map(({ choices }) =>
    choices.map(({ loss, ...costs }): Choice => ({ cost: costs[limit], loss })),
  );
  const chosen = chooseBits(knapsack, budget);
  return chosen && planOf(layers, chosen);
};

/** Plans in which all layers have the same bits, from few to many. */
export const uniformPlans = (layers: readonly LayerChoices[]): BitPlan[] => {
  const count = layers[0]?.choices.length ?? 0;
  return Array.from({ length: count }, (_, index) =>
    planOf(
      layers,
      layers.map(() => index),
    ),
  );
};

/** Sizes between which the trade-off is drawn. */
const POINTS = 24;

/** The best plans of sizes from the smallest to the largest. */
export const tradeOffOf = (layers: readonly LayerChoices[]): BitPlan[] => {
  const uniform = uniformPlans(layers);
  const [least, most] = [uniform[0]?.bytes ?? 0, uniform.at(-1)?.bytes ?? 0];
  return Array.from({ length: POINTS + 1 }, (_, index) => {
    const budget = Math.round(least * (most / least) ** (index / POINTS));
    return bestPlan(layers, "bytes", budget);
  }).flatMap((plan) => plan ?? []);
};
