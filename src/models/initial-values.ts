import { randomUnit } from "../base/random.js";
import { type Tensor, tf } from "../tensor/tf.js";

/** Streams of random numbers; distinct keys keep the kinds of draws independent. */
const WEIGHT_STREAM = 0x5757;
const GAMMA_STREAM = 0x6767;

/**
 * Xavier-uniform kernel [kh, kw, cIn / groups, cOut] (Glorot & Bengio 2010, eq. 16) with PyTorch's fans:
 * fanIn = kh kw cIn / groups, fanOut = kh kw cOut.
 */
export const xavierKernel = (
  shape: [number, number, number, number],
  seed: number,
  layer: number,
): Tensor => {
  const [kh, kw, perGroup, cOut] = shape;
  const bound = Math.sqrt(6 / (kh * kw * (perGroup + cOut)));
  const values = Float32Array.from(
    { length: kh * kw * perGroup * cOut },
    (_, index) => (randomUnit(seed, WEIGHT_STREAM, layer, index) * 2 - 1) * bound,
  );
  return tf.tensor4d(values, shape);
};

/** The initial gammas: 1, or uniform in (0, 1) as in the binary and ternary nets of the reference scripts. */
export type GammaStart = "ones" | "uniform";

export const initialGamma = (
  width: number,
  start: GammaStart,
  seed: number,
  layer: number,
): Tensor =>
  start === "ones"
    ? tf.ones([width])
    : tf.tensor1d(
        Float32Array.from({ length: width }, (_, index) =>
          randomUnit(seed, GAMMA_STREAM, layer, index),
        ),
      );
