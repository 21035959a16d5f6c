// DoReFa's weights of several bits and their gradient, from the tanh of the latent weights; see
// src/tensor/ops/dorefa-weights.ts.
#pragma once

#include <cstdint>

#include "threads/parallel.h"

namespace qprune {

// q from t: [count].
void dorefaWeights(const float* t, int64_t count, float levels, float* q, Parallel& parallel);

// dw from dq and t: [count]; `product` is the sum of dq t.
void dorefaWeightsGradient(const float* dq, const float* t, float product, int64_t count, float* dw,
                           Parallel& parallel);

}  // namespace qprune
