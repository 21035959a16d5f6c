/**
 * The only import of TensorFlow.js outside of `engine`: all other folders take tensors and ops from here, so that the
 * project uses a single copy of the library, also in a browser bundle.
 */

export type {
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor4D,
} from "@tensorflow/tfjs-core";
export * as tf from "@tensorflow/tfjs-core";
