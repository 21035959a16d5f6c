import { tf } from "./tf.js";

/**
 * tf.tidy for a function that returns an object of tensors, which survive.
 * The cast is here once: TensorFlow.js walks any object, but its type asks for an index signature.
 */
export const tidyObject = <T extends object>(compute: () => T): T =>
  tf.tidy(() => compute() as unknown as tf.TensorContainer) as unknown as T;
