/**
 * The compiler's flags for the binding. No contraction of a*b+c into one rounding: the kernels must
 * give the same bits as TensorFlow.js's ops; and no warnings, which are of no use to those who run it.
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
