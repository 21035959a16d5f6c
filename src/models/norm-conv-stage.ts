import { activationOf } from "../quant/activation-of.js";
import {
  convAt,
  convPart,
  dropoutLayers,
  isInner,
  normPart,
  type Place,
  poolLayers,
  type Stage,
} from "./conv-parts.js";
import { reluLayer } from "./layers/relu-layer.js";
import { inputChannels } from "./spec.js";

/** The first convolution: behind it a norm without gamma and beta, with a ReLU. */
const firstStage = (place: Place): Stage => {
  const conv = convAt(place);
  const { layer, state, bias } = convPart(place, false);
  const norm = normPart(place, {
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
 * Norm over the input channels with the input quantizer, dropout, convolution, ReLU, pool. The last
 * convolution has a norm without gamma and beta in front and no quantizer. Biases count here.
 */
export const normConvStage = (place: Place): Stage => {
  const { spec, at } = place;
  if (at === 0) return firstStage(place);
  const conv = convAt(place);
  const activation = conv.isQuantized
    ? activationOf(spec.quantization.activations)
    : ({ kind: "identity" } as const);
  const norm = normPart(place, {
    width: inputChannels(spec, at),
    hasAffine: isInner(place),
    inputBias: null,
    tail: { activation, shuffleGroups: conv.shuffle },
  });
  const { layer, state } = convPart(place, true);
  return {
    layers: [
      norm.layer,
      ...dropoutLayers(place, norm.counter),
      layer,
      reluLayer(),
      ...poolLayers(conv),
    ],
    state: [...norm.state, ...state],
    counter: norm.counter,
  };
};
