// The shape of a grouped 2-D convolution with symmetric padding.
#pragma once

#include <cstdint>

namespace qprune {

// x: [images, height, width, inputs], kernel: [kernelHeight, kernelWidth, inputs / groups, outputs],
// y: [images, outHeight, outWidth, outputs].
struct ConvShape {
  int64_t images, height, width, inputs;
  int64_t kernelHeight, kernelWidth, outputs;
  int64_t groups, pad, stride;

  int64_t outHeight() const { return (height + 2 * pad - kernelHeight) / stride + 1; }
  int64_t outWidth() const { return (width + 2 * pad - kernelWidth) / stride + 1; }
};

}  // namespace qprune
