/** The version of TensorFlow whose wheels provide the native engine (see wheels.ts). */
export const TENSORFLOW_VERSION = "2.18.1";

/** The version of every TensorFlow.js package; different versions cannot be mixed. */
export const TFJS_VERSION = "4.22.0";
