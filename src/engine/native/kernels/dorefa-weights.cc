// DoReFa's weights. Every rounding is that of the op's reference, in the same order.
#include "dorefa-weights.h"

#include <algorithm>
#include <cmath>

#include "multiversion.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

QPRUNE_CLONES float largestMagnitude(const float* __restrict t, int64_t count) {
  constexpr int kLanes = 16;
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; lane++) {
      const float magnitude = std::fabs(t[i + lane]);
      lanes[lane] = magnitude > lanes[lane] ? magnitude : lanes[lane];
    }
  for (; i < count; i++) lanes[0] = std::max(lanes[0], std::fabs(t[i]));
  return *std::max_element(lanes, lanes + kLanes);
}

QPRUNE_CLONES int64_t countMagnitude(const float* __restrict t, int64_t count, float magnitude) {
  int64_t found = 0;
  for (int64_t i = 0; i < count; i++) found += std::fabs(t[i]) == magnitude ? 1 : 0;
  return found;
}

// Rounds half to even, for magnitudes below 2^22.
QPRUNE_INLINE float roundHalfEven(float x, float shift) { return (x + shift) - shift; }

QPRUNE_CLONES void quantize(const float* __restrict t, float* __restrict q, int64_t count, float maximum,
                            float levels, float shift) {
  for (int64_t i = 0; i < count; i++) {
    const float unit = t[i] / maximum / 2 + 0.5f;
    const float code = roundHalfEven(unit * levels, shift);
    q[i] = (code * 2 - levels) / levels;
  }
}

QPRUNE_CLONES void differentiate(const float* __restrict dq, const float* __restrict t, float* __restrict dw,
                                 int64_t count, float maximum, float throughMaximum) {
  for (int64_t i = 0; i < count; i++) {
    const float sign = t[i] < 0 ? -1.0f : 1.0f;
    const float share = std::fabs(t[i]) == maximum ? sign * throughMaximum : 0.0f;
    dw[i] = (dq[i] / maximum - share) * (1 - t[i] * t[i]);
  }
}

}  // namespace

void dorefaWeights(const float* t, int64_t count, float levels, float* q, Parallel& parallel) {
  const float largest = largestMagnitude(t, count);
  const float maximum = largest == 0 ? 1 : largest;
  volatile float shift = 1 << 23;
  const float hiddenShift = shift;
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    quantize(t + begin, q + begin, end - begin, maximum, levels, hiddenShift);
  });
}

void dorefaWeightsGradient(const float* dq, const float* t, float product, int64_t count, float* dw,
                           Parallel& parallel) {
  const float maximum = largestMagnitude(t, count);
  if (maximum == 0) {
    std::fill(dw, dw + count, 0.0f);
    return;
  }
  const float ties = static_cast<float>(countMagnitude(t, count, maximum));
  const float throughMaximum = product / (maximum * maximum * ties);
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    differentiate(dq + begin, t + begin, dw + begin, end - begin, maximum, throughMaximum);
  });
}

}  // namespace qprune
