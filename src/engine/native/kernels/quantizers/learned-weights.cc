// Weights on a grid with a trained step. Every rounding is that of the op's reference, in the same order.
#include "learned-weights.h"

#include <cmath>

#include "../multiversion.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;
// Sums of so many products in float32 are added in float64.
constexpr int64_t kBlock = 1 << 10;

// Rounds half to even, for magnitudes below 2^22.
QPRUNE_INLINE float roundHalfEven(float x, float shift) { return (x + shift) - shift; }

QPRUNE_CLONES void quantize(const float* __restrict w, float* __restrict q, int64_t count, float range,
                            float levels, float shift) {
  for (int64_t i = 0; i < count; i++) {
    const float scaled = w[i] / range;
    const float low = scaled < -1 ? -1 : scaled;
    const float clamped = low > 1 ? 1 : low;
    const float code = roundHalfEven((clamped / 2 + 0.5f) * levels, shift);
    q[i] = (code * 2 - levels) / levels;
  }
}

QPRUNE_CLONES float differentiate(const float* __restrict dq, const float* __restrict w, float* __restrict dw,
                                  int64_t count, float range) {
  constexpr int kLanes = 16;
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; lane++) {
      const float weight = w[i + lane];
      const float inner = std::fabs(weight) <= range ? dq[i + lane] / range : 0.0f;
      dw[i + lane] = inner;
      lanes[lane] += inner * weight;
    }
  float sum = 0;
  for (; i < count; i++) {
    dw[i] = std::fabs(w[i]) <= range ? dq[i] / range : 0.0f;
    sum += dw[i] * w[i];
  }
  for (float lane : lanes) sum += lane;
  return sum;
}

}  // namespace

void learnedWeights(const float* w, int64_t count, float step, float levels, float* q, Parallel& parallel) {
  const float range = step * (levels / 2);
  volatile float shift = 1 << 23;
  const float hiddenShift = shift;
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    quantize(w + begin, q + begin, end - begin, range, levels, hiddenShift);
  });
}

float learnedWeightsGradient(const float* dq, const float* w, int64_t count, float step, float levels,
                             float* dw) {
  const float range = step * (levels / 2);
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t size = count - begin < kBlock ? count - begin : kBlock;
    sum += differentiate(dq + begin, w + begin, dw + begin, size, range);
  }
  return static_cast<float>(-sum / step);
}

}  // namespace qprune
