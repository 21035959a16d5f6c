// DoReFa's weights of several bits and their gradient; see src/tensor/ops/dorefa-weights.ts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "threads/parallel.h"

namespace qprune {

// q from t, the tanh of the latent weights: [count].
void dorefaWeights(const float* t, int64_t count, float levels, float* q, Parallel& parallel);

size_t dorefaWeightsGradientScratchBytes(int64_t count);

// dw from dq and the latent weights w: [count].
void dorefaWeightsGradient(const float* dq, const float* w, int64_t count, float* dw, void* scratch,
                           Parallel& parallel);

}  // namespace qprune
