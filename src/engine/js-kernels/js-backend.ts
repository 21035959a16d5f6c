import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../../tensor/tf.js";

/** The name of TensorFlow.js's pure JavaScript backend. */
const JS_BACKEND = "cpu";

/** The part of the JavaScript backend that a kernel works with. */
interface JsBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
}

/** The backend that a kernel of {@link replaceKernel} is called with: it is registered for this one alone. */
export const jsBackendOf = (backend: unknown): JsBackend => backend as JsBackend;

/** Puts another kernel in the place of one of the JavaScript backend's, which it may still call. */
export const replaceKernel = (
  kernelName: string,
  replace: (original: KernelFunc) => KernelFunc,
): void => {
  const { kernelFunc } = tf.getKernel(kernelName, JS_BACKEND);
  tf.unregisterKernel(kernelName, JS_BACKEND);
  tf.registerKernel({ kernelName, backendName: JS_BACKEND, kernelFunc: replace(kernelFunc) });
};
