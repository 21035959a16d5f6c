import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../../tensor/tf.js";
import { jsBackendOf, replaceKernel } from "./js-backend.js";

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  [tf.Add]: (a, b) => a + b,
  [tf.Sub]: (a, b) => a - b,
  [tf.Multiply]: (a, b) => a * b,
};

/** Whether b has one value for each channel (the last axis) of a. */
const isPerChannel = (a: TensorInfo, b: TensorInfo): boolean =>
  a.dtype === "float32" &&
  b.dtype === "float32" &&
  a.shape.length > 1 &&
  b.shape.length === 1 &&
  b.shape[0] === a.shape.at(-1);

const perChannel = (
  operation: (a: number, b: number) => number,
  a: Float32Array,
  b: Float32Array,
): Float32Array => {
  const channels = b.length;
  const result = new Float32Array(a.length);
  for (let start = 0; start < a.length; start += channels) {
    for (let j = 0; j < channels; j++) {
      result[start + j] = operation(a[start + j] as number, b[j] as number);
    }
  }
  return result;
};

/**
 * Replaces the JavaScript backend's sums, differences and products of a tensor with one value per channel by a plain
 * loop; TensorFlow.js computes the coordinates of every element. Other operands use the kernels of the backend.
 */
export const speedUpChannelArithmetic = (): void => {
  for (const [kernelName, operation] of Object.entries(OPERATIONS)) {
    replaceKernel(
      kernelName,
      (original): KernelFunc =>
        (params) => {
          const { a, b } = params.inputs;
          if (!a || !b || !isPerChannel(a, b)) return original(params);
          const backend = jsBackendOf(params.backend);
          const [x, y] = [backend.data.get(a.dataId).values, backend.data.get(b.dataId).values];
          return backend.makeTensorInfo([...a.shape], "float32", perChannel(operation, x, y));
        },
    );
  }
};
