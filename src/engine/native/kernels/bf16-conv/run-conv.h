// Convolutions in bfloat16 and the gradients of their inputs: operands are rounded to bfloat16, sums are float32.
#pragma once

#include <cstddef>

#include "../bf16/stored-values.h"
#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

size_t bf16ConvScratchBytes(const ConvShape& shape, const Parallel& parallel);

void bf16Conv(const ConvShape& shape, const Values& x, const float* kernel, const Results& y, void* scratch,
              Parallel& parallel);

size_t bf16InputGradientScratchBytes(const ConvShape& shape, const Parallel& parallel);

void bf16InputGradient(const ConvShape& shape, const Values& dy, const float* kernel, const Results& dx, void* scratch,
                       Parallel& parallel);

}  // namespace qprune
