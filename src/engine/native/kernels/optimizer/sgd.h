// One step of SGD with Nesterov momentum for one parameter.
#pragma once

#include <cstdint>

#include "../threads/parallel.h"

namespace qprune {

// What is the same for all values of a step; see src/tensor/ops/sgd-update.ts.
struct SgdStep {
  float weightDecay;
  float momentumFactor;
  float learningRate;
};

// value: the parameter; momentum: its moving sum of gradients.
struct SgdInputs {
  const float *value, *momentum, *gradient;
};
struct SgdOutputs {
  float *value, *momentum;
};

// Every array: [count].
void sgdUpdate(const SgdStep& step, const SgdInputs& in, const SgdOutputs& out, int64_t count, Parallel& parallel);

}  // namespace qprune
