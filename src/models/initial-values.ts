import { randomUnit } from "../base/random.js";
import { type Tensor, tf } from "../tensor/tf.js";

/** Streams of random numbers; distinct keys keep the kinds of draws independent. */
const WEIGHT_STREAM = 0x5757;
const GAMMA_STREAM = 0x6767;

type KernelShape = [number, number, number, number];

/** A kernel with uniform values up to `bound` in magnitude. */
const uniformKernel = (shape: KernelShape, bound: number, seed: number, layer: number): Tensor => {
  const values = Float32Array.from(
    { length: shape.reduce((size, side) => size * side) },
    (_, index) => (randomUnit(seed, WEIGHT_STREAM, layer, index) * 2 - 1) * bound,
  );
  return tf.tensor4d(values, shape);
};

/**
 * Xavier-uniform kernel [kh, kw, cIn / groups, cOut] (Glorot & Bengio 2010, eq. 16) with PyTorch's fans:
 * fanIn = kh kw cIn / groups, fanOut = kh kw cOut.
 */
export const xavierKernel = (shape: KernelShape, seed: number, layer: number): Tensor => {
  const [kh, kw, perGroup, cOut] = shape;
  return uniformKernel(shape, Math.sqrt(6 / (kh * kw * (perGroup + cOut))), seed, layer);
};

/**
 * The kernel [kh, kw, cIn / groups, cOut] of a dense layer or of the layer that computes the classes, as PyTorch's nn.Linear
 * starts: uniform up to 1 / sqrt(fanIn) with fanIn = kh kw cIn / groups. The first logits are small, so that they do not
 * disturb trained layers before them.
 */
export const smallKernel = (shape: KernelShape, seed: number, layer: number): Tensor => {
  const [kh, kw, perGroup] = shape;
  return uniformKernel(shape, 1 / Math.sqrt(kh * kw * perGroup), seed, layer);
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
export const heKernel = (shape: KernelShape, seed: number, layer: number): Tensor => {
  const [kh, kw, perGroup, cOut] = shape;
  const deviation = Math.sqrt(2 / (kh * kw * cOut));
  const values = Float32Array.from(
    { length: kh * kw * perGroup * cOut },
    (_, index) => deviation * randomNormal(seed, WEIGHT_STREAM, layer, index),
  );
  return tf.tensor4d(values, shape);
};

/**
 * The initial kernels: Xavier-uniform as in the reference scripts, or as in published architectures (He-normal
 * convolutions; dense layers and the layer that computes the classes small).
 */
export type KernelStart = "xavier" | "published";

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
