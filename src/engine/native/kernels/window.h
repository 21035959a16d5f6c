// The geometry of windows that slide over maps; see src/base/sliding-window.ts.
#pragma once

#include <cstdint>

namespace qprune {

// Vertical and horizontal.
struct Pair {
  int64_t rows, columns;
};

// Rows and columns added around maps.
struct Padding {
  int64_t top, left, bottom, right;
};

// The positions of a kernel along `length` rows or columns with the padding on both sides.
inline int64_t slidingSide(int64_t length, int64_t padding, int64_t kernel, int64_t stride, int64_t dilation) {
  return (length + padding - dilation * (kernel - 1) - 1) / stride + 1;
}

}  // namespace qprune
