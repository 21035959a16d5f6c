import { shuffledPosition } from "../../graph/channel-relation.js";
import type { Tail } from "../plan/plan.js";
import { activationFunction } from "./activate.js";

const { fround } = Math;

/** The function of a tail on the float32 value of a channel, before the shuffle. */
export const tailFunction = ({
  bias,
  affine,
  activation,
}: Tail): ((value: number, channel: number) => number) => {
  const activate = activationFunction(activation);
  return (value, channel) => {
    let x = value;
    if (bias) x = fround(x + (bias[channel] as number));
    if (affine) {
      const { center, scale, shift } = affine;
      const centered = fround(x - (center[channel] as number));
      x = fround(fround(centered * (scale[channel] as number)) + (shift[channel] as number));
    }
    return activate(x);
  };
};

/** The position of every channel after the shuffle of a tail. */
export const shuffledPositions = (channels: number, groups: number): Int32Array =>
  Int32Array.from({ length: channels }, (_, channel) =>
    shuffledPosition(channel, channels, groups),
  );
