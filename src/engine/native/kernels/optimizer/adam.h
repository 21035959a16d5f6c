// One step of Adam for several parameters.
#pragma once

#include <cstdint>

#include "../threads/parallel.h"

namespace qprune {

// What is the same for all values of a parameter; see src/tensor/ops/adam-update.ts.
struct AdamStep {
  float weightDecay;
  float oneMinusBeta1;  // computed in double precision: 1 - 0.999f would be off by 1e-5
  float beta2;
  float oneMinusBeta2;
  float stepSize;               // learning rate / (1 - beta1^step)
  float secondMomentCorrection;  // sqrt(1 - beta2^step)
  float epsilon;
  float keep;  // factor of the value: 1 - learning rate * decoupled weight decay, otherwise 1
};

// value: a parameter; m, v: its first and second moment. Each array: [size].
struct AdamParameter {
  AdamStep step;
  const float *value, *m, *v, *gradient;
  float *newValue, *newM, *newV;
};

// sizes: the number of values of each parameter, [count].
void adamUpdate(const AdamParameter* parameters, const int64_t* sizes, int64_t count, Parallel& parallel);

}  // namespace qprune
