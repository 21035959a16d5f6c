import { isFullPrecision } from "../graph/quantizers.js";
import { quantizeWeights } from "../quant/tensors/quantize-weights.js";
import { tf } from "../tensor/tf.js";
import type { NetWeights } from "./conv-weights.js";
import { kernelShape } from "./kernel-shape.js";
import type { NetSpec } from "./spec.js";

/** An OIHW kernel as a tensor in the engine's layout. */
const toKernel = (values: Float32Array, shape: [number, number, number, number]): tf.Tensor =>
  tf.tidy(() => tf.transpose(tf.tensor4d(values, shape), [2, 3, 1, 0]));

const quantizeKernel = (
  spec: NetSpec,
  index: number,
  latent: Float32Array,
  codes: Float32Array | undefined,
): Float32Array => {
  const shape = kernelShape(spec, index);
  const tensor = tf.tidy(() => {
    const lastCodes = codes ? toKernel(codes, shape) : null;
    const quantized = quantizeWeights(
      toKernel(latent, shape),
      spec.quantization.weights,
      lastCodes,
    );
    return tf.transpose(quantized, [3, 2, 0, 1]);
  });
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  // Turns -0 into 0, since packed codes do not distinguish them.
  return Float32Array.from(values, (value) => value + 0);
};

/**
 * Replaces a net's latent weights by the quantized ones with which it computes. Needs an engine. A net that is no longer
 * trainable is returned unchanged.
 */
export const bakeWeights = (
  spec: NetSpec,
  weights: NetWeights,
): { readonly spec: NetSpec; readonly weights: NetWeights } => {
  if (spec.form !== "trainable") return { spec, weights };
  const quantized = weights.map(({ codes, ...conv }, index) =>
    spec.convs[index]?.isQuantized
      ? { ...conv, kernel: quantizeKernel(spec, index, conv.kernel, codes) }
      : conv,
  );
  return { spec: { ...spec, form: "baked" }, weights: quantized };
};

/** Whether a net has quantized convolutions. */
export const hasQuantizedConvs = ({ convs, quantization }: NetSpec): boolean =>
  !isFullPrecision(quantization) && convs.some(({ isQuantized }) => isQuantized);
