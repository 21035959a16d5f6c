/**
 * The one seam to TensorFlow.js: everything outside `core` and `engine` takes tensors and ops from
 * here, so that a single copy of the library serves the whole project and a browser bundle alike.
 */

export type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
export * as tf from "@tensorflow/tfjs-core";
