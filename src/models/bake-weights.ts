import { isFullPrecision } from "../quant/quantization.js";
import { quantizeWeights } from "../quant/tensors/quantize-weights.js";
import { tf } from "../tensor/tf.js";
import type { NetWeights } from "./conv-weights.js";
import { kernelShape } from "./kernel-shape.js";
import type { NetSpec } from "./spec.js";

/** OIHW numbers as a kernel of the engine, and the way back. */
const toKernel = (values: Float32Array, shape: [number, number, number, number]): tf.Tensor =>
  tf.tidy(() => tf.transpose(tf.tensor4d(values, shape), [2, 3, 1, 0]));

const bakeKernel = (
  spec: NetSpec,
  at: number,
  latent: Float32Array,
  codes: Float32Array | undefined,
): Float32Array => {
  const shape = kernelShape(spec, at);
  const baked = tf.tidy(() => {
    const memory = codes ? toKernel(codes, shape) : null;
    const quantized = quantizeWeights(toKernel(latent, shape), spec.quantization.weights, memory);
    return tf.transpose(quantized, [3, 2, 0, 1]);
  });
  const values = baked.dataSync() as Float32Array;
  baked.dispose();
  // A weight of -0 is one of 0, which is what packed codes can tell.
  return Float32Array.from(values, (value) => value + 0);
};

/**
 * The net with its latent weights replaced by the quantized ones that it computes with. Needs an engine.
 * A net that is not trainable any more is returned as it is.
 */
export const bakeWeights = (
  spec: NetSpec,
  weights: NetWeights,
): { readonly spec: NetSpec; readonly weights: NetWeights } => {
  if (spec.form !== "trainable") return { spec, weights };
  const baked = weights.map(({ codes, ...conv }, at) =>
    spec.convs[at]?.isQuantized
      ? { ...conv, kernel: bakeKernel(spec, at, conv.kernel, codes) }
      : conv,
  );
  return { spec: { ...spec, form: "baked" }, weights: baked };
};

/** True where a net has quantized convolutions at all. */
export const hasQuantizedConvs = ({ convs, quantization }: NetSpec): boolean =>
  !isFullPrecision(quantization) && convs.some(({ isQuantized }) => isQuantized);
