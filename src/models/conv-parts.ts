import { codeLevels } from "../quant/quantization.js";
import { tf } from "../tensor/tf.js";
import { type GammaStart, initialGamma, xavierKernel } from "./initial-values.js";
import { kernelShape } from "./kernel-shape.js";
import { convLayer } from "./layers/conv-layer.js";
import { dropoutLayer } from "./layers/dropout-layer.js";
import type { Layer } from "./layers/layer.js";
import { normLayer } from "./layers/norm-layer.js";
import { averagePoolLayer, maxPoolLayer } from "./layers/pool-layer.js";
import type { BatchCounter } from "./net.js";
import { type Parameter, parameter, type StateTensor } from "./parameter.js";
import type { ConvSpec, NetSpec } from "./spec.js";
import { stateNames } from "./state-names.js";

export interface InitialValues {
  readonly seed: number;
  readonly gammaStart: GammaStart;
}

/** A convolution of a spec with its number, as the chains are built from. */
export interface Place {
  readonly spec: NetSpec;
  readonly at: number;
  readonly initial: InitialValues;
}

/** A layer with what it puts into the state dict. */
export interface Part {
  readonly layer: Layer;
  readonly state: readonly StateTensor[];
}

export interface ConvPart extends Part {
  readonly bias: Parameter;
}

export interface NormPart extends Part {
  readonly counter: BatchCounter;
}

/** One convolution of a chain with everything around it. */
export interface Stage {
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
  readonly counter: BatchCounter;
}

export const convAt = ({ spec, at }: Place): ConvSpec => spec.convs[at] as ConvSpec;

/** The levels of the input of a convolution of codes; null where it computes in floats. */
export const codeLevelsAt = (place: Place): number | null =>
  convAt(place).isQuantized ? codeLevels(place.spec.quantization) : null;

export const isInner = ({ spec, at }: Place): boolean => at > 0 && at < spec.convs.length - 1;

const namesAt = ({ spec, at }: Place) => stateNames(spec)[at] as { conv: string; norm: string };

/** [kh, kw, cIn / groups, cOut] */
export const convKernelShape = ({ spec, at }: Place): [number, number, number, number] => {
  const [outputs, inputs, height, width] = kernelShape(spec, at);
  return [height, width, inputs, outputs];
};

/** The convolution of a place; `addsBias` says whether no norm stands behind it. */
export const convPart = (place: Place, addsBias: boolean): ConvPart => {
  const { spec, at, initial } = place;
  const { width, pad, groups, isQuantized } = convAt(place);
  const name = namesAt(place).conv;
  const value = xavierKernel(convKernelShape(place), initial.seed, at);
  // Baked weights are quantized already.
  const isQuantizedHere = isQuantized && spec.form === "trainable";
  const weight = parameter(`${name}.weight`, "weight", value);
  const bias = parameter(`${name}.bias`, "bias", tf.zeros([width]));
  const layer = convLayer({
    weight,
    bias,
    addsBias,
    geometry: { stride: 1, pad, groups },
    quantization: isQuantizedHere ? spec.quantization.weights : { kind: "float" },
    codeLevels: codeLevelsAt(place),
    isFirst: at === 0,
  });
  return { layer, state: [weight, bias], bias };
};

export interface NormPartOptions {
  readonly width: number;
  readonly hasAffine: boolean;
  readonly inputBias: Parameter | null;
  readonly tail: Parameters<typeof normLayer>[0]["tail"];
}

/** The norm that belongs to the convolution of a place. */
export const normPart = (place: Place, options: NormPartOptions): NormPart => {
  const { spec, at, initial } = place;
  const { epsilon, newStatWeight, blockNewStatWeight, isGammaFixed, minGamma } = spec.norm;
  const name = namesAt(place).norm;
  const { width, hasAffine } = options;
  const isFixed = isGammaFixed && isInner(place);
  const start = isFixed ? "ones" : initial.gammaStart;
  const gammaValue = (): tf.Tensor => initialGamma(width, start, initial.seed, at);
  const affine = hasAffine
    ? {
        gamma: parameter(`${name}.weight`, "gamma", gammaValue()),
        beta: parameter(`${name}.bias`, "beta", tf.zeros([width])),
      }
    : null;
  const vector = (buffer: string, value: tf.Tensor): StateTensor => ({
    name: `${name}.${buffer}`,
    layout: "vector",
    value,
  });
  const movingMean = vector("running_mean", tf.zeros([width]));
  const movingVariance = vector("running_var", tf.ones([width]));
  const counter: BatchCounter = { name: `${name}.num_batches_tracked`, count: 0 };
  const layer = normLayer({
    affine,
    movingMean,
    movingVariance,
    inputBias: options.inputBias,
    epsilon,
    newStatWeight: isInner(place) ? blockNewStatWeight : newStatWeight,
    isGammaFixed: isFixed,
    minGamma,
    tail: options.tail,
    countBatch: () => {
      counter.count++;
    },
  });
  const trained = affine ? [affine.gamma, affine.beta] : [];
  return { layer, state: [...trained, movingMean, movingVariance], counter };
};

export const poolLayers = ({ pool }: ConvSpec): Layer[] => {
  if (!pool) return [];
  return [pool.kind === "max" ? maxPoolLayer(pool) : averagePoolLayer(pool)];
};

/** What stands in front of a convolution that drops a share of its input; `counter` is its norm's. */
export const dropoutLayers = (place: Place, counter: BatchCounter): Layer[] => {
  const { dropout: rate } = convAt(place);
  const { at, initial } = place;
  if (rate === 0) return [];
  return [dropoutLayer({ rate, seed: initial.seed, place: at, pass: () => counter.count })];
};
