// DoReFa's weights, whose roundings are those of the op's reference, in the same order, and their gradient.
#include "dorefa-weights.h"

#include <algorithm>
#include <cmath>

#include "exponential.h"
#include "multiversion.h"
#include "scratch.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;
// Sums go block by block, so that the number of threads does not affect them.
constexpr int64_t kBlock = 1 << 13;

struct Layout {
  Layout(int64_t count, Scratch& scratch)
      : t(scratch.take<float>(count)),
        largest(scratch.take<float>(blocks(count))),
        products(scratch.take<double>(blocks(count))) {}
  static int64_t blocks(int64_t count) { return (count + kBlock - 1) / kBlock; }
  float* t;          // the tanh of the weights
  float* largest;    // |t| of each block
  double* products;  // the sum of dq t of each block
};

// tanh within 2 units in the last place.
class Tanh {
 public:
  QPRUNE_INLINE float operator()(float x) const {
    const float magnitude = std::fabs(x);
    const float far = 1.0f - 2.0f / (exponential_(magnitude * 2.0f) + 1.0f);
    // The Taylor series, whose next term is 1e-8 of the first at 0.25.
    const float square = x * x;
    float series = 62.0f / 2835;
    series = series * square - 17.0f / 315;
    series = series * square + 2.0f / 15;
    series = series * square - 1.0f / 3;
    const float near = magnitude * (series * square + 1.0f);
    return std::copysign(magnitude < 0.25f ? near : far, x);
  }

 private:
  Exponential exponential_;
};

QPRUNE_CLONES void takeTanh(const float* __restrict w, float* __restrict t, int64_t count) {
  const Tanh tanh;
  for (int64_t i = 0; i < count; i++) t[i] = tanh(w[i]);
}

QPRUNE_CLONES double sumProducts(const float* __restrict dq, const float* __restrict t, int64_t count) {
  constexpr int kLanes = 16;
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] += dq[i + lane] * t[i + lane];
  for (; i < count; i++) lanes[0] += dq[i] * t[i];
  double sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

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

size_t dorefaWeightsGradientScratchBytes(int64_t count) { return bytesOf<Layout>(count); }

void dorefaWeightsGradient(const float* dq, const float* w, int64_t count, float* dw, void* scratch,
                           Parallel& parallel) {
  const auto at = layOut<Layout>(scratch, count);
  const int64_t blocks = Layout::blocks(count);
  parallelFor(parallel, blocks, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t first = block * kBlock, size = std::min(kBlock, count - first);
      takeTanh(w + first, at.t + first, size);
      at.largest[block] = largestMagnitude(at.t + first, size);
      at.products[block] = sumProducts(dq + first, at.t + first, size);
    }
  });
  const float maximum = *std::max_element(at.largest, at.largest + blocks);
  if (maximum == 0) {
    std::fill(dw, dw + count, 0.0f);
    return;
  }
  double product = 0;
  for (int64_t block = 0; block < blocks; block++) product += at.products[block];
  const double ties = static_cast<double>(countMagnitude(at.t, count, maximum));
  const auto throughMaximum = static_cast<float>(product / (static_cast<double>(maximum) * maximum * ties));
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    differentiate(dq + begin, at.t + begin, dw + begin, end - begin, maximum, throughMaximum);
  });
}

}  // namespace qprune
