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

/** A normal number with mean 0 and deviation 1 (Box & Muller 1958), a hash of the keys. */
const randomNormal = (...keys: readonly number[]): number => {
  // The logarithm of 0 is infinite.
  const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(...keys, 0)));
  return radius * Math.cos(2 * Math.PI * randomUnit(...keys, 1));
};

/**
 * He-normal kernel [kh, kw, cIn / groups, cOut] (He et al. 2015, section 2.2, backward case) with PyTorch's fanOut = kh kw cOut:
 * the deviation is sqrt(2 / fanOut).
 */
export const heKernel = (
  shape: [number, number, number, number],
  seed: number,
  layer: number,
): Tensor => {
  const [kh, kw, perGroup, cOut] = shape;
  const deviation = Math.sqrt(2 / (kh * kw * cOut));
  const values = Float32Array.from(
    { length: kh * kw * perGroup * cOut },
    (_, index) => deviation * randomNormal(seed, WEIGHT_STREAM, layer, index),
  );
  return tf.tensor4d(values, shape);
};

/** The initial kernels: Xavier-uniform as in the reference scripts, or He-normal as in published architectures. */
export type KernelStart = "xavier" | "he";

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
