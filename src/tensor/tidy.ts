import { tf } from "./tf.js";

/**
 * tf.tidy for a function that returns an object of tensors, which are kept. The cast is needed because TensorFlow.js
 * accepts any object but its type requires an index signature.
 */
export const tidyObject = <T extends object>(compute: () => T): T =>
  tf.tidy(() => compute() as unknown as tf.TensorContainer) as unknown as T;
