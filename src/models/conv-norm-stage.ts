import { activationOf } from "../quant/activation-of.js";
import type { Activation } from "../tensor/ops/activation.js";
import {
  convAt,
  convPart,
  dropoutLayers,
  normPart,
  type Place,
  poolLayers,
  type Stage,
} from "./conv-parts.js";
import type { Layer } from "./layers/layer.js";
import { shuffleLayer } from "./layers/shuffle-layer.js";
import type { NetSpec } from "./spec.js";

/** What stands behind the norm of convolution `at`: the input quantizer of the next, or a ReLU. */
export const activationBehind = (spec: NetSpec, at: number): Activation =>
  spec.convs[at + 1]?.isQuantized ? activationOf(spec.quantization.activations) : { kind: "relu" };

/** Runs in front of the convolution where a pool keeps the shuffle out of the norm. */
export const separateShuffle = (place: Place): Layer[] => {
  const { spec, at } = place;
  const { shuffle } = convAt(place);
  const isBehindPool = at === 0 || spec.convs[at - 1]?.pool !== undefined;
  return shuffle > 1 && isBehindPool ? [shuffleLayer(shuffle)] : [];
};

/** Shuffle, dropout, convolution, norm with activation (and the next shuffle), pool. */
export const convNormStage = (place: Place): Stage => {
  const { spec, at } = place;
  const conv = convAt(place);
  const { layer, state, bias } = convPart(place, false);
  const next = spec.convs[at + 1];
  const norm = normPart(place, {
    width: conv.width,
    hasAffine: true,
    inputBias: bias,
    tail: {
      activation: activationBehind(spec, at),
      shuffleGroups: next && !conv.pool ? next.shuffle : 1,
    },
  });
  return {
    layers: [
      ...separateShuffle(place),
      ...dropoutLayers(place, norm.counter),
      layer,
      norm.layer,
      ...poolLayers(conv),
    ],
    state: [...state, ...norm.state],
    counter: norm.counter,
  };
};
