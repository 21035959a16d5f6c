// The gradient of a convolution's kernel in bfloat16, for processors that multiply tiles: sums along lines of positions.
#pragma once

#include <cstddef>

#include "../bf16/stored-values.h"
#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"
#include "line-panel.h"

namespace qprune {

// The loops for a shape, null where pairs of positions are better.
MultiplyLines linesFor(const ConvShape& shape);

size_t lineGradientScratchBytes(const ConvShape& shape, const Parallel& parallel);

// `multiply` is that of linesFor(). An infinite x next to the windows of an output may make NaN of its product with a zero. The order of the sums depends on the shape alone.
void lineGradient(const ConvShape& shape, MultiplyLines multiply, const Values& x, const Values& dy, float* dKernel,
                  void* scratch, Parallel& parallel);

}  // namespace qprune
