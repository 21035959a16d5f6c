import { coupleChannels } from "../../graph/channel-relation.js";
import {
  channelRelation,
  type Node,
  type NodeInGraph,
  type NodeOf,
  nodesInGraph,
  type ValueId,
  valuesOf,
} from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import { isFloat } from "../../graph/quantizers.js";
import { channelsOf } from "../../graph/shape.js";
import { channelsOfNorm } from "../../passes/norm-channels.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import type { KeptChannels } from "../plan/plan.js";
import { activationFunction } from "./activation-function.js";
import { isMaskable } from "./mask-model.js";

/** What keeps a constant from being folded: next to padding it is not constant, and quantizers round it. */
export const obstacles = ["padding", "average pool", "quantization"] as const;
export type Obstacle = (typeof obstacles)[number];

/** The number that a masked channel has at every position, except where an obstacle changes it. */
export interface Constant {
  readonly value: number;
  readonly obstacle: Obstacle | undefined;
}

/** The masked channels of a value. */
export type Constants = ReadonlyMap<number, Constant>;

/** The greater of some obstacles. */
export const worst = (all: readonly (Obstacle | undefined)[]): Obstacle | undefined =>
  all.reduce(
    (one, other) =>
      (one ? obstacles.indexOf(one) : -1) < (other ? obstacles.indexOf(other) : -1) ? other : one,
    undefined,
  );

const hindered = ({ value, obstacle }: Constant, by: Obstacle): Constant =>
  value === 0 ? { value, obstacle } : { value, obstacle: worst([obstacle, by]) };

const isPadded = (padding: readonly number[]): boolean => padding.some((border) => border > 0);

/** A constant after a node that computes each channel from the same channels of its inputs. */
type Rule = (inputs: readonly Constant[], channel: number) => Constant;

const mapped =
  (of: (value: number, channel: number) => number): Rule =>
  ([x], channel) => ({
    ...(x as Constant),
    value: of((x as Constant).value, channel),
  });

const unchanged: Rule = ([x]) => x as Constant;

/** Kinds that only move channels, or compute a constant from a constant. */
const UNCHANGED_BY = {
  concat: unchanged,
  dropout: unchanged,
  flatten: unchanged,
  globalPool: unchanged,
  maxPool: unchanged,
  pixelShuffle: unchanged,
  reshape: unchanged,
  resize: unchanged,
  shuffle: unchanged,
  softmax: unchanged,
  split: unchanged,
} as const;

const joined =
  (of: (one: number, other: number) => number): Rule =>
  (inputs) => ({
    value: inputs.map(({ value }) => value).reduce(of),
    obstacle: worst(inputs.map(({ obstacle }) => obstacle)),
  });

const vector = ({ weights }: Model, name: string): Float32Array | undefined => {
  const found = weights.get(name);
  return found && weightNumbers(found);
};

/** A masked norm has a gamma of 0, which leaves its beta; one without gamma, or that raises gammas, is not masked. */
const normRule = (model: Model, node: NodeOf<"batchNorm">): Rule => {
  const beta = vector(model, `${node.name}.bias`);
  if (isMaskable(node))
    return (_, channel) => ({ value: beta?.[channel] ?? 0, obstacle: undefined });
  const channels = channelsOfNorm(node, model.weights);
  return mapped((value, channel) => {
    const own = channels[channel] as (typeof channels)[number];
    return ((value - own.mean) / own.deviation) * own.gamma + own.beta;
  });
};

/** The filters of masked channels are 0, so only the bias is left. */
const layerRule =
  (bias: Float32Array | undefined): Rule =>
  (_, channel) => ({ value: bias?.[channel] ?? 0, obstacle: undefined });

const preluRule = (node: NodeOf<"prelu">, slopes: Float32Array | undefined): Rule => {
  const of = (channel: number): number => slopes?.[node.isShared ? 0 : channel] ?? 0;
  return mapped((value, channel) => (value > 0 ? value : of(channel) * value));
};

const padRule =
  (node: NodeOf<"pad">): Rule =>
  ([x]) => {
    const own = x as Constant;
    const isSame = own.value === node.value || !isPadded(node.padding);
    return isSame ? own : { ...own, obstacle: worst([own.obstacle, "padding"]) };
  };

const hinderedIf =
  (isHindered: boolean, by: Obstacle): Rule =>
  ([x]) =>
    isHindered ? hindered(x as Constant, by) : (x as Constant);

const ruleOf = (model: Model, node: Node): Rule => {
  const read = (suffix: string): Float32Array | undefined =>
    vector(model, `${node.name}.${suffix}`);
  switch (node.kind) {
    case "conv":
    case "dense":
      return layerRule(read("bias"));
    case "batchNorm":
      return normRule(model, node);
    case "affine": {
      const [scale, threshold] = [read("scale"), read("threshold")];
      return mapped((value, c) => value * (scale?.[c] ?? 1) - (threshold?.[c] ?? 0));
    }
    case "activation":
      return mapped(activationFunction(node));
    case "prelu":
      return preluRule(node, read("weight"));
    case "quantize":
      return hinderedIf(!isFloat(node.quantizer), "quantization");
    case "averagePool":
      return hinderedIf(node.countsPadding && isPadded(node.padding), "average pool");
    case "pad":
      return padRule(node);
    case "add":
      return joined((one, other) => one + other);
    case "multiply":
      return joined((one, other) => one * other);
    default:
      return UNCHANGED_BY[node.kind];
  }
};

/** The channels of a value that do not stay. */
const maskedChannels = (width: number, keep: readonly number[]): number[] => {
  const stays = new Set(keep);
  return [...Array(width).keys()].filter((channel) => !stays.has(channel));
};

/** The constant channels that a node adds. */
const addedConstant = (node: Node): Constant[] =>
  node.kind === "pad" ? [{ value: node.value, obstacle: undefined }] : [];

/** The constants of one node's outputs, for the channels that do not stay. */
const outputConstants = (
  model: Model,
  placed: NodeInGraph,
  channels: KeptChannels,
  known: ReadonlyMap<ValueId, Constants>,
): [ValueId, Constants][] => {
  const { node, inputs, outputs } = placed;
  const rule = ruleOf(model, node);
  const counts = { inputs: inputs.map(channelsOf), outputs: outputs.map(channelsOf) };
  const sources = outputs.map(() => new Map<number, Constant[]>());
  coupleChannels(channelRelation(placed), counts, (input, from, output, to) => {
    const constant = known.get(node.inputs[input] as ValueId)?.get(from);
    if (!constant) return;
    const own = sources[output]?.get(to);
    if (own) own.push(constant);
    else sources[output]?.set(to, [constant]);
  });
  return valuesOf(node).flatMap((value, output): [ValueId, Constants][] => {
    const keep = channels.get(value);
    if (!keep) return [];
    const masked = maskedChannels(counts.outputs[output] as number, keep);
    const constants = masked.map((channel): [number, Constant] => {
      const own = sources[output]?.get(channel);
      const [added] = own ? [] : addedConstant(node);
      return [channel, added ?? rule(own ?? [], channel)];
    });
    return [[value, new Map(constants)]];
  });
};

/**
 * The constants of all channels that do not stay, by value. A masked channel has filters of 0 and norms with a gamma of 0:
 * its layers give their biases and its norms their betas, which pass through all that computes channel by channel.
 * Example: a beta of 0.5 before a ReLU is 0.5 after it; in a residual stream the betas of all norms add up.
 */
export const constantChannels = (
  model: Model,
  channels: KeptChannels,
): ReadonlyMap<ValueId, Constants> => {
  const known = new Map<ValueId, Constants>();
  for (const placed of nodesInGraph(model.graph))
    for (const [value, constants] of outputConstants(model, placed, channels, known))
      known.set(value, constants);
  return known;
};
