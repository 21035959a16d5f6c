// Max and average pooling with symmetric padding, and their gradients; see src/tensor/ops/pool.ts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parallel.h"

namespace qprune {

// x: [images, height, width, channels], y: [images, outHeight, outWidth, channels]; square windows.
struct PoolShape {
  int64_t images, height, width, channels;
  int64_t size, stride, pad;

  int64_t outHeight() const { return (height + 2 * pad - size) / stride + 1; }
  int64_t outWidth() const { return (width + 2 * pad - size) / stride + 1; }
};

size_t maxPoolScratchBytes(const PoolShape& shape, const Parallel& parallel);

// argmax: like y; the row-major index, within its window, of the first maximum, so windows hold up to 256 values.
void maxPool(const PoolShape& shape, const float* x, float* y, uint8_t* argmax, void* scratch,
             Parallel& parallel);

void maxPoolGradient(const PoolShape& shape, const float* dy, const uint8_t* argmax, float* dx,
                     Parallel& parallel);

// Divides by the whole window, padding included.
void averagePool(const PoolShape& shape, const float* x, float* y, Parallel& parallel);

void averagePoolGradient(const PoolShape& shape, const float* dy, float* dx, Parallel& parallel);

}  // namespace qprune
