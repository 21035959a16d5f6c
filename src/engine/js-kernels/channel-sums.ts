import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../../tensor/tf.js";
import { jsBackendOf, replaceKernel } from "./js-backend.js";

/** Whether a reduction runs over all axes but the last of a float tensor. */
const isOverPositions = ({ shape, dtype }: TensorInfo, axis: unknown): boolean => {
  // Without axes the reduction runs over all of them.
  if (axis === null || axis === undefined) return false;
  const axes = [axis].flat().map((a) => (Number(a) + shape.length) % shape.length);
  const wanted = shape.slice(0, -1).map((_, i) => i);
  return (
    dtype === "float32" &&
    shape.length > 1 &&
    wanted.join() === [...axes].sort((a, b) => a - b).join()
  );
};

/** Column sums of rows of `channels` values, accumulated in double precision. */
const columnSums = (values: Float32Array, channels: number): Float64Array => {
  const sums = new Float64Array(channels);
  for (let start = 0; start < values.length; start += channels) {
    for (let j = 0; j < channels; j++) (sums[j] as number) += values[start + j] as number;
  }
  return sums;
};

/** Replaces sums and means per channel by a plain loop; TensorFlow.js transposes the tensor first. */
export const speedUpChannelSums = (): void => {
  for (const kernelName of [tf.Sum, tf.Mean]) {
    replaceKernel(
      kernelName,
      (original): KernelFunc =>
        (params) => {
          const { x } = params.inputs;
          const { axis, keepDims } = params.attrs ?? {};
          if (!x || keepDims || !isOverPositions(x, axis)) return original(params);
          const backend = jsBackendOf(params.backend);
          const channels = x.shape.at(-1) as number;
          const { values } = backend.data.get(x.dataId);
          const divisor = kernelName === tf.Mean ? values.length / channels : 1;
          const sums = columnSums(values, channels).map((sum) => sum / divisor);
          return backend.makeTensorInfo([channels], "float32", Float32Array.from(sums));
        },
    );
  }
};
