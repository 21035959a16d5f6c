// The constraint of latent weights, binary weights and their gradient; see src/tensor/ops/binary-weights.ts.
#pragma once

#include <cstdint>

#include "threads/parallel.h"

namespace qprune {

// Weights: [taps, inputs, filters].
struct FilterShape {
  int64_t taps, inputs, filters;
};

// result = clamp(w - mean, -1, 1), with the mean over the inputs of one tap and filter.
void centerAndClamp(const FilterShape& shape, const float* w, float* result, Parallel& parallel);

// q = sign(w), times the mean |w| of the filter if hasAlpha.
void binaryWeights(const FilterShape& shape, const float* w, bool hasAlpha, float* q, Parallel& parallel);

void binaryWeightsGradient(const FilterShape& shape, const float* dq, const float* w, float* dw, Parallel& parallel);

}  // namespace qprune
