/**
 * The compiler's flags for the binding. a*b+c is not contracted into one rounding, since the kernels have to give the
 * same bits as TensorFlow.js's ops. Warnings are off, since users cannot act on them.
 */
export const COMPILE_FLAGS: readonly string[] = [
  "-O3",
  "-ffp-contract=off",
  "-shared",
  "-fPIC",
  "-std=c++17",
  "-DNAPI_VERSION=8",
  "-pthread",
  "-w",
];
