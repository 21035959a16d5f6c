import { activationOf } from "../quant/activation-of.js";
import type { Activation } from "../tensor/ops/activation.js";
import {
  type ConvContext,
  convAt,
  convPart,
  dropoutLayers,
  normPart,
  poolLayers,
  type Stage,
} from "./conv-parts.js";
import type { Layer } from "./layers/layer.js";
import { shuffleLayer } from "./layers/shuffle-layer.js";
import type { NetSpec } from "./spec.js";

/** The activation after the norm of convolution `index`: the input quantizer of the next convolution, or a ReLU. */
export const activationAfter = (spec: NetSpec, index: number): Activation =>
  spec.convs[index + 1]?.isQuantized
    ? activationOf(spec.quantization.activations)
    : { kind: "relu" };

/** A shuffle of its own before the convolution, if a pool keeps it from being part of the norm. */
export const separateShuffle = (context: ConvContext): Layer[] => {
  const { spec, index } = context;
  const { shuffle } = convAt(context);
  const isAfterPool = index === 0 || spec.convs[index - 1]?.pool !== undefined;
  return shuffle > 1 && isAfterPool ? [shuffleLayer(shuffle)] : [];
};

/** Shuffle, dropout, convolution, norm with activation (and the next shuffle), pool. */
export const convNormStage = (context: ConvContext): Stage => {
  const { spec, index } = context;
  const conv = convAt(context);
  const { layer, state, bias } = convPart(context, false);
  const next = spec.convs[index + 1];
  const norm = normPart(context, {
    width: conv.width,
    hasAffine: true,
    inputBias: bias,
    tail: {
      activation: activationAfter(spec, index),
      shuffleGroups: next && !conv.pool ? next.shuffle : 1,
    },
  });
  return {
    layers: [
      ...separateShuffle(context),
      ...dropoutLayers(context, norm.counter),
      layer,
      norm.layer,
      ...poolLayers(conv),
    ],
    state: [...state, ...norm.state],
    counter: norm.counter,
  };
};
