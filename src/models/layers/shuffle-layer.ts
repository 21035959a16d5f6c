import { channelShuffle } from "../../tensor/ops/channel-shuffle.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

/** A separate channel shuffle, after a pool; other shuffles are part of the norm layer before them. */
export const shuffleLayer = (groups: number): Layer => {
  const shuffle = (x: Tensor4D, by: number): Tensor4D => {
    const y = channelShuffle(x, by);
    x.dispose();
    return y;
  };
  return {
    parameters: [],
    infer: (x) => shuffle(x as Tensor4D, groups),
    train: (x) => ({
      y: shuffle(x as Tensor4D, groups),
      backward: (dy) => shuffle(dy as Tensor4D, (dy as Tensor4D).shape[3] / groups),
    }),
  };
};
