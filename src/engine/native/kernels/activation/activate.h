// Elementwise activation and its gradient.
#pragma once

#include <cstdint>

#include "activation.h"
#include "../bf16/stored-values.h"
#include "../threads/parallel.h"

namespace qprune {

// y = f(x). x, y: [count].
void activate(const Activation& activation, const Values& x, const Results& y, int64_t count, Parallel& parallel);

// dx = f'(x) dy. dy, x, dx: [count].
void activateGradient(const Activation& activation, const Values& dy, const Values& x, const Results& dx, int64_t count,
                      Parallel& parallel);

}  // namespace qprune
