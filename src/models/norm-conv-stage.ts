import { activationOf } from "../quant/activation-of.js";
import {
  type ConvContext,
  convAt,
  convPart,
  dropoutLayers,
  isInner,
  normPart,
  poolLayers,
  type Stage,
} from "./conv-parts.js";
import { activationLayer } from "./layers/activation-layers.js";
import { inputChannels } from "./spec.js";

/** The first convolution, followed by a norm without gamma and beta, with a ReLU. */
const firstStage = (context: ConvContext): Stage => {
  const conv = convAt(context);
  const { layer, state, bias } = convPart(context, false);
  const norm = normPart(context, {
    width: conv.width,
    hasAffine: false,
    inputBias: bias,
    tail: { activation: { kind: "relu" }, shuffleGroups: 1 },
  });
  return {
    layers: [layer, norm.layer, ...poolLayers(conv)],
    state: [...state, ...norm.state],
    counter: norm.counter,
  };
};

/**
 * Norm over the input channels with the input quantizer, dropout, convolution, ReLU, pool. The norm of the last convolution
 * has no gamma and beta, and no quantizer follows it. In this order the convolutions add their biases.
 */
export const normConvStage = (context: ConvContext): Stage => {
  const { spec, index } = context;
  if (index === 0) return firstStage(context);
  const conv = convAt(context);
  const activation = conv.isQuantized
    ? activationOf(spec.quantization.activations)
    : ({ kind: "identity" } as const);
  const norm = normPart(context, {
    width: inputChannels(spec, index),
    hasAffine: isInner(context),
    inputBias: null,
    tail: { activation, shuffleGroups: conv.shuffle },
  });
  const { layer, state } = convPart(context, true);
  return {
    layers: [
      norm.layer,
      ...dropoutLayers(context, norm.counter),
      layer,
      activationLayer({ kind: "relu" }),
      ...poolLayers(conv),
    ],
    state: [...norm.state, ...state],
    counter: norm.counter,
  };
};
