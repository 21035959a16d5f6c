// One step of SGD with Nesterov momentum for several parameters.
#pragma once

#include <cstdint>

#include "../threads/parallel.h"

namespace qprune {

// What is the same for all values of a parameter; see src/tensor/ops/sgd-update.ts.
struct SgdStep {
  float weightDecay;
  float momentumFactor;
  float learningRate;
};

// value: a parameter; momentum: its moving sum of gradients. Each array: [size].
struct SgdParameter {
  SgdStep step;
  const float *value, *momentum, *gradient;
  float *newValue, *newMomentum;
};

// sizes: the number of values of each parameter, [count].
void sgdUpdate(const SgdParameter* parameters, const int64_t* sizes, int64_t count, Parallel& parallel);

}  // namespace qprune
