import type { NativeBackend } from "../native-backend.js";

/** Registers the native kernels of core's ops on a loaded backend. */
export const registerNativeKernels = (_backend: NativeBackend): void => {};
