// Elementwise activation and its gradient.
#pragma once

#include <cstdint>

#include "activation.h"
#include "../threads/parallel.h"

namespace qprune {

// y = f(x). x, y: [count].
void activate(const Activation& activation, const float* x, float* y, int64_t count, Parallel& parallel);

// dx = f'(x) dy. dy, x, dx: [count].
void activateGradient(const Activation& activation, const float* dy, const float* x, float* dx, int64_t count,
                      Parallel& parallel);

}  // namespace qprune
