import { QpruneError } from "../base/errors.js";
import { activationOf } from "../quant/activation-of.js";
import type { Activation } from "../tensor/ops/activation.js";
import { affineActivate, type NormTail } from "../tensor/ops/norm-activate.js";
import { type Tensor1D, type Tensor4D, tf } from "../tensor/tf.js";
import { activationBehind, separateShuffle } from "./conv-norm-stage.js";
import { codeLevelsAt, convAt, convKernelShape, type Place, poolLayers } from "./conv-parts.js";
import { convolve } from "./layers/convolve.js";
import type { Layer } from "./layers/layer.js";
import type { StateTensor } from "./parameter.js";
import { inputChannels, type NetSpec } from "./spec.js";
import { stateNames } from "./state-names.js";

/** A layer that only computes: merged nets are not trained. */
const inferenceLayer = (infer: Layer["infer"], dispose?: () => void): Layer => ({
  parameters: [],
  infer,
  train: () => {
    throw new QpruneError("A merged net cannot be trained.", {
      hint: "Train the net that it was merged from, and merge it again.",
    });
  },
  ...(dispose && { dispose }),
});

const vector = (name: string, width: number, value: number): StateTensor => ({
  name,
  layout: "vector",
  value: tf.fill([width], value),
});

interface MergedStage {
  readonly layers: readonly Layer[];
  readonly state: readonly StateTensor[];
}

/** scale x - threshold per channel, then an activation and a shuffle. */
const affineLayer = (scale: StateTensor, threshold: StateTensor, tail: NormTail): Layer => {
  const zero = tf.zerosLike(threshold.value) as Tensor1D;
  return inferenceLayer(
    (x) => {
      const y = tf.tidy(() => {
        const shift = tf.neg(threshold.value) as Tensor1D;
        const numbers = { center: zero, scale: scale.value as Tensor1D, shift };
        return affineActivate(x as Tensor4D, numbers, tail);
      });
      x.dispose();
      return y;
    },
    () => zero.dispose(),
  );
};

/** Where an affine stays in front of convolution `at` of a merged net in the B-A-C-P order. */
export const keepsInputAffine = ({ order, convs }: NetSpec, at: number): boolean =>
  order === "norm-activation-conv" &&
  at > 0 &&
  // A last norm without an activation behind it goes into the kernel, but for a padded one, whose padding
  // is 0 behind the norm and not in front of it.
  (at < convs.length - 1 ||
    convs[at]?.isQuantized === true ||
    (convs[at]?.pad ?? 0) > 0 ||
    (convs[at]?.shuffle ?? 1) > 1);

const inputAffine = (place: Place): MergedStage => {
  const { spec, at } = place;
  if (!keepsInputAffine(spec, at)) return { layers: [], state: [] };
  const conv = convAt(place);
  const channels = inputChannels(spec, at);
  const name = stateNames(spec)[at]?.norm ?? "";
  const scale = vector(`${name}.scale`, channels, 1);
  const threshold = vector(`${name}.threshold`, channels, 0);
  const activation: Activation = conv.isQuantized
    ? activationOf(spec.quantization.activations)
    : { kind: "identity" };
  const layer = affineLayer(scale, threshold, { activation, shuffleGroups: conv.shuffle });
  return { layers: [layer], state: [scale, threshold] };
};

/** Convolution, bias, activation (and the next shuffle) in one pass over the outputs. */
const convWithBias = (place: Place, tail: NormTail): MergedStage => {
  const { spec, at } = place;
  const { pad, groups, width } = convAt(place);
  const levels = codeLevelsAt(place);
  const geometry = { stride: 1, pad, groups };
  const name = stateNames(spec)[at]?.conv ?? "";
  const kernel: StateTensor = {
    name: `${name}.weight`,
    layout: "kernel",
    value: tf.zeros(convKernelShape(place)),
  };
  const bias = vector(`${name}.bias`, width, 0);
  const [zero, one] = [tf.zeros([width]) as Tensor1D, tf.ones([width]) as Tensor1D];
  const layer = inferenceLayer(
    (x) => {
      const y = tf.tidy(() => {
        const z = convolve(x as Tensor4D, kernel.value as Tensor4D, levels, geometry);
        const numbers = { center: zero, scale: one, shift: bias.value as Tensor1D };
        return affineActivate(z, numbers, tail);
      });
      x.dispose();
      return y;
    },
    () => tf.dispose([zero, one]),
  );
  return { layers: [layer], state: [kernel, bias] };
};

/** A stage of a merged net: what stands in front of the convolution, the convolution, the pool. */
export const mergedStage = (place: Place): MergedStage => {
  const { spec, at } = place;
  const conv = convAt(place);
  const isNormFirst = spec.order === "norm-activation-conv";
  const next = spec.convs[at + 1];
  const tail: NormTail = isNormFirst
    ? { activation: { kind: "relu" }, shuffleGroups: 1 }
    : {
        activation: activationBehind(spec, at),
        shuffleGroups: next && !conv.pool ? next.shuffle : 1,
      };
  const input = inputAffine(place);
  const own = convWithBias(place, tail);
  const shuffle = isNormFirst ? [] : separateShuffle(place);
  return {
    layers: [...shuffle, ...input.layers, ...own.layers, ...poolLayers(conv)],
    state: [...input.state, ...own.state],
  };
};
