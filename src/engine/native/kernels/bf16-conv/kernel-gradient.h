// The gradient of a convolution's kernel in bfloat16: operands are rounded to bfloat16, sums are float32.
#pragma once

#include <cstddef>

#include "../bf16/stored-values.h"
#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

size_t bf16KernelGradientScratchBytes(const ConvShape& shape, const Parallel& parallel);

// The order of the sums depends on the shape alone. An x that is stored as codes is not rounded.
void bf16KernelGradient(const ConvShape& shape, const Values& x, const Values& dy, float* dKernel, void* scratch,
                        Parallel& parallel);

}  // namespace qprune
