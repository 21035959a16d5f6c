// Weights on a grid with a trained step, and their gradients; see src/tensor/ops/learned-weights.ts.
#pragma once

#include <cstdint>

#include "../threads/parallel.h"

namespace qprune {

// q from w: [count].
void learnedWeights(const float* w, int64_t count, float step, float levels, float* q, Parallel& parallel);

// dw from dq and w: [count]. Returns the gradient of the step.
float learnedWeightsGradient(const float* dq, const float* w, int64_t count, float step, float levels, float* dw);

}  // namespace qprune
