// The loop of SGD.
#include "sgd.h"

#include "../multiversion.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

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

void sgdUpdate(const SgdStep& step, const SgdInputs& in, const SgdOutputs& out, int64_t count, Parallel& parallel) {
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    update(step, in.value + begin, in.momentum + begin, in.gradient + begin, out.value + begin, out.momentum + begin,
           end - begin);
  });
}

}  // namespace qprune
