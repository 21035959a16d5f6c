/** Printed for a file without a manifest if no option gives its quantization. */
export const UNRECORDED_TRAINING =
  "The file does not record how it was trained: it is treated as a full-precision net on CIFAR-10.";
