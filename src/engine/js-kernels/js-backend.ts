import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../../tensor/tf.js";

/** The name of TensorFlow.js's pure JavaScript backend. */
const JS_BACKEND = "cpu";

/** The part of the JavaScript backend that a kernel uses. */
interface JsBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
}

/** Casts the backend of a kernel; {@link replaceKernel} registers kernels only for the JavaScript backend. */
export const jsBackendOf = (backend: unknown): JsBackend => backend as JsBackend;

/** Replaces a kernel of the JavaScript backend; the new kernel may call the replaced one. */
export const replaceKernel = (
  kernelName: string,
  replace: (original: KernelFunc) => KernelFunc,
): void => {
  const { kernelFunc } = tf.getKernel(kernelName, JS_BACKEND);
  tf.unregisterKernel(kernelName, JS_BACKEND);
  tf.registerKernel({ kernelName, backendName: JS_BACKEND, kernelFunc: replace(kernelFunc) });
};
