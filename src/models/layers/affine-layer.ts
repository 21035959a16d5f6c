import { activateGradient } from "../../tensor/ops/activation.js";
import { channelShuffle } from "../../tensor/ops/channel-shuffle.js";
import { scaleGradient } from "../../tensor/ops/channel-wise.js";
import { affineActivate, type NormTail } from "../../tensor/ops/norm-activate.js";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";
import type { Layer } from "./layer.js";

const PLAIN: NormTail = { activation: { kind: "identity" }, shuffleGroups: 1 };

/** scale x - threshold per channel, then an activation and a shuffle: [n, h, w, c] -> [n, h, w, c]. */
export const affineLayer = (scale: Parameter, threshold: Parameter, tail: NormTail): Layer => {
  const zero = tf.zerosLike(threshold.value) as Tensor1D;
  const finished = (x: Tensor, how: NormTail): Tensor4D =>
    tf.tidy(() => {
      const shift = tf.neg(threshold.value) as Tensor1D;
      const numbers = { center: zero, scale: scale.value as Tensor1D, shift };
      return affineActivate(x as Tensor4D, numbers, how, null);
    });
  const value = (x: Tensor): Tensor4D => finished(x, tail);
  /** The gradient before shuffle and activation. */
  const inner = (dy: Tensor4D, x: Tensor): Tensor => {
    const { activation, shuffleGroups } = tail;
    const unshuffled = shuffleGroups === 1 ? dy : channelShuffle(dy, dy.shape[3] / shuffleGroups);
    return activation.kind === "identity"
      ? unshuffled
      : activateGradient(unshuffled, finished(x, PLAIN), activation);
  };
  return {
    parameters: [scale, threshold],
    infer: (x) => {
      const y = value(x);
      x.dispose();
      return y;
    },
    train: (x) => ({
      y: value(x),
      recompute: () => value(x),
      backward: (dy) => {
        const [dx, dScale, dThreshold] = tf.tidy(() => {
          const d = inner(dy as Tensor4D, x);
          const [own, dOfScale, dShift] = scaleGradient(d, x, scale.value as Tensor1D);
          return [own, dOfScale, tf.neg(dShift)] as const;
        });
        scale.gradient = dScale;
        threshold.gradient = dThreshold;
        tf.dispose([dy, x]);
        return dx;
      },
    }),
    dispose: () => zero.dispose(),
  };
};
