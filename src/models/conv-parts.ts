import { codeLevels } from "../quant/numbers/grids.js";
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

/** A convolution of a spec, by its index, with what is needed to build its layers. */
export interface ConvContext {
  readonly spec: NetSpec;
  readonly index: number;
  readonly initial: InitialValues;
}

/** A layer with its entries in the state dict. */
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

/** One convolution of a chain with all layers around it. */
export interface Stage {
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
  readonly counter: BatchCounter;
}

export const convAt = ({ spec, index }: ConvContext): ConvSpec => spec.convs[index] as ConvSpec;

/** The levels of the input if the convolution computes with integer codes; null if it computes in floats. */
export const codeLevelsAt = (context: ConvContext): number | null =>
  convAt(context).isQuantized ? codeLevels(context.spec.quantization) : null;

export const isInner = ({ spec, index }: ConvContext): boolean =>
  index > 0 && index < spec.convs.length - 1;

const namesAt = ({ spec, index }: ConvContext) =>
  stateNames(spec)[index] as { conv: string; norm: string };

/** [kh, kw, cIn / groups, cOut] */
export const convKernelShape = ({ spec, index }: ConvContext): [number, number, number, number] => {
  const [outputs, inputs, height, width] = kernelShape(spec, index);
  return [height, width, inputs, outputs];
};

/** Builds a convolution. @param addsBias true unless a batch norm follows, which would remove the bias */
export const convPart = (context: ConvContext, addsBias: boolean): ConvPart => {
  const { spec, index, initial } = context;
  const { width, pad, groups, isQuantized } = convAt(context);
  const name = namesAt(context).conv;
  const value = xavierKernel(convKernelShape(context), initial.seed, index);
  // In the other forms the weights are quantized already.
  const quantizesWeights = isQuantized && spec.form === "trainable";
  const weight = parameter(`${name}.weight`, "weight", value);
  const bias = parameter(`${name}.bias`, "bias", tf.zeros([width]));
  const layer = convLayer({
    weight,
    bias,
    addsBias,
    geometry: { stride: 1, pad, groups },
    quantization: quantizesWeights ? spec.quantization.weights : { kind: "float" },
    codeLevels: codeLevelsAt(context),
    isFirst: index === 0,
  });
  return { layer, state: [weight, bias], bias };
};

export interface NormPartOptions {
  readonly width: number;
  readonly hasAffine: boolean;
  readonly inputBias: Parameter | null;
  readonly tail: Parameters<typeof normLayer>[0]["tail"];
}

/** Builds the batch norm of a convolution. */
export const normPart = (context: ConvContext, options: NormPartOptions): NormPart => {
  const { spec, index, initial } = context;
  const { epsilon, newStatWeight, blockNewStatWeight, isGammaFixed, minGamma } = spec.norm;
  const name = namesAt(context).norm;
  const { width, hasAffine } = options;
  const isFixed = isGammaFixed && isInner(context);
  const start = isFixed ? "ones" : initial.gammaStart;
  const gammaValue = (): tf.Tensor => initialGamma(width, start, initial.seed, index);
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
    newStatWeight: isInner(context) ? blockNewStatWeight : newStatWeight,
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

/** The dropout of a convolution's input, if it has any. @param counter that of the convolution's norm */
export const dropoutLayers = (context: ConvContext, counter: BatchCounter): Layer[] => {
  const { dropout: rate } = convAt(context);
  const { index, initial } = context;
  if (rate === 0) return [];
  return [dropoutLayer({ rate, seed: initial.seed, layer: index, pass: () => counter.count })];
};
