// The shape of a grouped 2-D convolution.
#pragma once

#include <cstdint>

#include "../window.h"

namespace qprune {

// x: [images, height, width, inputs], kernel: [kernelHeight, kernelWidth, inputs / groups, outputs],
// y: [images, outHeight, outWidth, outputs].
struct ConvShape {
  int64_t images, height, width, inputs;
  int64_t kernelHeight, kernelWidth, outputs;
  int64_t groups;
  Pair stride;
  Padding padding;
  Pair dilation;

  int64_t outHeight() const {
    return slidingSide(height, padding.top + padding.bottom, kernelHeight, stride.rows, dilation.rows);
  }
  int64_t outWidth() const {
    return slidingSide(width, padding.left + padding.right, kernelWidth, stride.columns, dilation.columns);
  }
};

}  // namespace qprune
