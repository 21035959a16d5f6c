import type { Activation } from "../core/ops/activation.js";
import { tf } from "../core/tf.js";
import { activationOf } from "../quant/activation-of.js";
import { type GammaStart, initialGamma, xavierKernel } from "./initial-values.js";
import { convLayer } from "./layers/conv-layer.js";
import type { Layer } from "./layers/layer.js";
import { normLayer } from "./layers/norm-layer.js";
import { averagePoolLayer, globalAverageLayer, maxPoolLayer } from "./layers/pool-layer.js";
import { shuffleLayer } from "./layers/shuffle-layer.js";
import { type BatchCounter, type Net, netOf } from "./net.js";
import { parameter, type StateTensor } from "./parameter.js";
import type { ConvSpec, NetSpec } from "./spec.js";
import { type StateNames, stateNames } from "./state-names.js";

export interface InitialValues {
  readonly seed: number;
  readonly gammaStart: GammaStart;
}

interface Stage {
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
  readonly counter: BatchCounter;
}

/** Input channels of convolution `at`. */
export const inputChannels = (spec: NetSpec, at: number): number =>
  at === 0 ? spec.input.channels : (spec.convs[at - 1] as ConvSpec).width;

/** What stands behind the norm of convolution `at`: the input quantizer of the next, or a ReLU. */
const activationBehind = (spec: NetSpec, at: number): Activation =>
  spec.convs[at + 1]?.isQuantized ? activationOf(spec.quantization.activations) : { kind: "relu" };

/** Runs in front of the convolution where a pool keeps the shuffle out of the norm. */
const separateShuffle = (spec: NetSpec, at: number): Layer[] => {
  const { shuffle } = spec.convs[at] as ConvSpec;
  const isBehindPool = at === 0 || spec.convs[at - 1]?.pool !== undefined;
  return shuffle > 1 && isBehindPool ? [shuffleLayer(shuffle)] : [];
};

const poolLayers = ({ pool }: ConvSpec): Layer[] => {
  if (!pool) return [];
  return [pool.kind === "max" ? maxPoolLayer(pool) : averagePoolLayer(pool)];
};

/** Shuffle, convolution, norm with activation, pool: one convolution of the chain with its surroundings. */
const stage = (spec: NetSpec, at: number, names: StateNames, initial: InitialValues): Stage => {
  const conv = spec.convs[at] as ConvSpec;
  const { width, kernel, pad, groups } = conv;
  const perGroup = inputChannels(spec, at) / groups;
  const value = xavierKernel([kernel, kernel, perGroup, width], initial.seed, at);
  const weight = parameter(`${names.conv}.weight`, "weight", value);
  const bias = parameter(`${names.conv}.bias`, "bias", tf.zeros([width]));
  const startingGamma = initialGamma(width, initial.gammaStart, initial.seed, at);
  const gamma = parameter(`${names.norm}.weight`, "gamma", startingGamma);
  const beta = parameter(`${names.norm}.bias`, "beta", tf.zeros([width]));
  const vector = (name: string, start: tf.Tensor): StateTensor => ({
    name: `${names.norm}.${name}`,
    layout: "vector",
    value: start,
  });
  const movingMean = vector("running_mean", tf.zeros([width]));
  const movingVariance = vector("running_var", tf.ones([width]));
  const counter: BatchCounter = { name: `${names.norm}.num_batches_tracked`, count: 0 };
  const next = spec.convs[at + 1];

  const layers = [
    ...separateShuffle(spec, at),
    convLayer({
      weight,
      bias,
      geometry: { stride: 1, pad, groups },
      quantization: conv.isQuantized ? spec.quantization.weights : { kind: "float" },
      isFirst: at === 0,
    }),
    normLayer({
      gamma,
      beta,
      movingMean,
      movingVariance,
      inputBias: bias,
      ...spec.norm,
      tail: {
        activation: activationBehind(spec, at),
        shuffleGroups: next && !conv.pool ? next.shuffle : 1,
      },
      countBatch: () => {
        counter.count++;
      },
    }),
    ...poolLayers(conv),
  ];
  return { layers, state: [weight, bias, gamma, beta, movingMean, movingVariance], counter };
};

/** Builds a net with its initial values: Xavier kernels, zero biases and betas, gammas as asked. */
export const buildNet = (spec: NetSpec, initial: InitialValues): Net => {
  const stages = stateNames(spec).map((names, at) => stage(spec, at, names, initial));
  return netOf({
    spec,
    layers: [...stages.flatMap(({ layers }) => layers), globalAverageLayer()],
    state: stages.flatMap(({ state }) => state),
    batchCounters: stages.map(({ counter }) => counter),
  });
};
