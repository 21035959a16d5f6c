// The loop of Adam.
#include "adam.h"

#include <cmath>

#include "../multiversion.h"
#include "parameter-pieces.h"

namespace qprune {
namespace {

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

void adamUpdate(const AdamParameter* parameters, const int64_t* sizes, int64_t count, Parallel& parallel) {
  forParameterPieces(parallel, sizes, count, [&](int64_t index, int64_t begin, int64_t end) {
    const AdamParameter& p = parameters[index];
    update(p.step, p.value + begin, p.m + begin, p.v + begin, p.gradient + begin, p.newValue + begin,
           p.newM + begin, p.newV + begin, end - begin);
  });
}

}  // namespace qprune
