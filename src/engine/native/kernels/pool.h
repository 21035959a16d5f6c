// Max and average pooling and their gradients; see src/tensor/ops/pool.ts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bf16/stored-values.h"
#include "threads/parallel.h"
#include "window.h"

namespace qprune {

// x: [images, height, width, channels], y: [images, out.rows, out.columns, channels]. The caller computes the sides of y,
// which may be rounded up; every window holds a position of x.
struct PoolShape {
  int64_t images, height, width, channels;
  Pair kernel, stride;
  Padding padding;
  Pair out;
};

size_t poolScratchBytes(const PoolShape& shape, const Parallel& parallel);

// Where y is codes, so is x. argmax: like y; the row-major index, within its window, of the first maximum, so windows hold up to 256 values.
void maxPool(const PoolShape& shape, const Values& x, const Results& y, uint8_t* argmax, void* scratch,
             Parallel& parallel);

size_t poolGradientScratchBytes(const PoolShape& shape, const Parallel& parallel);

void maxPoolGradient(const PoolShape& shape, const Values& dy, const uint8_t* argmax, const Results& dx, void* scratch,
                     Parallel& parallel);

// Divides by the positions of a window within x, and within the padding where it counts.
void averagePool(const PoolShape& shape, bool countsPadding, const Values& x, const Results& y, void* scratch,
                 Parallel& parallel);

void averagePoolGradient(const PoolShape& shape, bool countsPadding, const Values& dy, const Results& dx, void* scratch,
                         Parallel& parallel);

}  // namespace qprune
