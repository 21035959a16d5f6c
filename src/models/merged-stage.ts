import { QpruneError } from "../base/errors.js";
import { activationOf } from "../quant/activation-of.js";
import type { Activation } from "../tensor/ops/activation.js";
import { affineActivate, type NormTail } from "../tensor/ops/norm-activate.js";
import { type Tensor1D, type Tensor4D, tf } from "../tensor/tf.js";
import { activationAfter, separateShuffle } from "./conv-norm-stage.js";
import {
  type ConvContext,
  codeLevelsAt,
  convAt,
  convKernelShape,
  poolLayers,
} from "./conv-parts.js";
import { convolve } from "./layers/convolve.js";
import type { Layer } from "./layers/layer.js";
import type { StateTensor } from "./parameter.js";
import { inputChannels, type NetSpec } from "./spec.js";
import { stateNames } from "./state-names.js";

/** A layer for inference only: nets with folded batch norms are not trained. */
const inferenceLayer = (infer: Layer["infer"], dispose?: () => void): Layer => ({
  parameters: [],
  infer,
  train: () => {
    throw new QpruneError("A merged net cannot be trained.", {
      hint: "Train the net from which it was merged, and merge that again.",
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

/** Whether an affine remains before convolution `index` of a merged net in the order norm, activation, convolution. */
export const keepsInputAffine = ({ order, convs }: NetSpec, index: number): boolean =>
  order === "norm-activation-conv" &&
  index > 0 &&
  // The last norm, which no activation follows, is folded into the kernel, unless the convolution is padded: its padding is
  // 0 after the norm, not before it.
  (index < convs.length - 1 ||
    convs[index]?.isQuantized === true ||
    (convs[index]?.pad ?? 0) > 0 ||
    (convs[index]?.shuffle ?? 1) > 1);

const inputAffine = (context: ConvContext): MergedStage => {
  const { spec, index } = context;
  if (!keepsInputAffine(spec, index)) return { layers: [], state: [] };
  const conv = convAt(context);
  const channels = inputChannels(spec, index);
  const name = stateNames(spec)[index]?.norm ?? "";
  const scale = vector(`${name}.scale`, channels, 1);
  const threshold = vector(`${name}.threshold`, channels, 0);
  const activation: Activation = conv.isQuantized
    ? activationOf(spec.quantization.activations)
    : { kind: "identity" };
  const layer = affineLayer(scale, threshold, { activation, shuffleGroups: conv.shuffle });
  return { layers: [layer], state: [scale, threshold] };
};

/** Convolution, bias, activation (and the next shuffle) in one pass over the outputs. */
const convWithBias = (context: ConvContext, tail: NormTail): MergedStage => {
  const { spec, index } = context;
  const { pad, groups, width } = convAt(context);
  const levels = codeLevelsAt(context);
  const geometry = { stride: 1, pad, groups };
  const name = stateNames(spec)[index]?.conv ?? "";
  const kernel: StateTensor = {
    name: `${name}.weight`,
    layout: "kernel",
    value: tf.zeros(convKernelShape(context)),
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

/** A stage of a merged net: what precedes the convolution, the convolution, the pool. */
export const mergedStage = (context: ConvContext): MergedStage => {
  const { spec, index } = context;
  const conv = convAt(context);
  const isNormFirst = spec.order === "norm-activation-conv";
  const next = spec.convs[index + 1];
  const tail: NormTail = isNormFirst
    ? { activation: { kind: "relu" }, shuffleGroups: 1 }
    : {
        activation: activationAfter(spec, index),
        shuffleGroups: next && !conv.pool ? next.shuffle : 1,
      };
  const input = inputAffine(context);
  const own = convWithBias(context, tail);
  const shuffle = isNormFirst ? [] : separateShuffle(context);
  return {
    layers: [...shuffle, ...input.layers, ...own.layers, ...poolLayers(conv)],
    state: [...input.state, ...own.state],
  };
};
