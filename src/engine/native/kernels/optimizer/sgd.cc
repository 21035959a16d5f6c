// The loop of SGD.
#include "sgd.h"

#include "../multiversion.h"
#include "parameter-pieces.h"

namespace qprune {
namespace {

QPRUNE_CLONES void update(const SgdStep& step, const float* __restrict value, const float* __restrict momentum,
                          const float* __restrict gradient, float* __restrict newValue,
                          float* __restrict newMomentum, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i] + value[i] * step.weightDecay;
    const float next = momentum[i] * step.momentumFactor + g;
    newMomentum[i] = next;
    newValue[i] = value[i] - (g + next * step.momentumFactor) * step.learningRate;
  }
}

}  // namespace

void sgdUpdate(const SgdParameter* parameters, const int64_t* sizes, int64_t count, Parallel& parallel) {
  forParameterPieces(parallel, sizes, count, [&](int64_t index, int64_t begin, int64_t end) {
    const SgdParameter& p = parameters[index];
    update(p.step, p.value + begin, p.momentum + begin, p.gradient + begin, p.newValue + begin,
           p.newMomentum + begin, end - begin);
  });
}

}  // namespace qprune
