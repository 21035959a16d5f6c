import { registerKernel } from "../../tensor/op.js";
import { channelShuffle } from "../../tensor/ops/channel-shuffle.js";
import { tf } from "../../tensor/tf.js";
import { valuesOf } from "./values-of.js";

/** Registers the channel shuffle for the JavaScript engine, whose transpose is slow. */
export const registerJsShuffleKernel = (): void => {
  registerKernel(channelShuffle, (x, groups) => {
    const channels = x.shape[3];
    const perGroup = channels / groups;
    const values = valuesOf(x);
    const y = new Float32Array(values.length);
    for (let start = 0; start < values.length; start += channels) {
      for (let g = 0; g < groups; g++) {
        for (let j = 0; j < perGroup; j++) {
          y[start + j * groups + g] = values[start + g * perGroup + j] as number;
        }
      }
    }
    return tf.tensor4d(y, x.shape);
  });
};
