// The loop of Adam.
#include "adam.h"

#include <cmath>

#include "../multiversion.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

QPRUNE_CLONES void update(const AdamStep& step, const float* __restrict value, const float* __restrict m,
                          const float* __restrict v, const float* __restrict gradient,
                          float* __restrict newValue, float* __restrict newM, float* __restrict newV,
                          int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i] + step.weightDecay * value[i];
    const float first = m[i] + (g - m[i]) * step.oneMinusBeta1;
    const float second = v[i] * step.beta2 + g * g * step.oneMinusBeta2;
    newM[i] = first;
    newV[i] = second;
    newValue[i] =
        value[i] * step.keep - step.stepSize * (first / (std::sqrt(second) / step.secondMomentCorrection + step.epsilon));
  }
}

}  // namespace

void adamUpdate(const AdamStep& step, const AdamInputs& in, const AdamOutputs& out, int64_t count,
                Parallel& parallel) {
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    update(step, in.value + begin, in.m + begin, in.v + begin, in.gradient + begin, out.value + begin,
           out.m + begin, out.v + begin, end - begin);
  });
}

}  // namespace qprune
