/** The one version of TensorFlow whose wheels the native engine is made of (see wheels.ts). */
export const TENSORFLOW_VERSION = "2.18.1";

/** The one version of every TensorFlow.js package; copies of different versions cannot be mixed. */
export const TFJS_VERSION = "4.22.0";
