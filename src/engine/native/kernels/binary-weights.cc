// Each loop computes a few filters, whose sums it keeps in double precision.
#include "binary-weights.h"

#include <algorithm>
#include <cmath>

#include "clamp.h"
#include "multiversion.h"

namespace qprune {
namespace {

// Filters of a piece of work: the floats of a cache line.
constexpr int64_t kFilters = 16;
// Pieces of work of small layers are joined up to about this many weights.
constexpr int64_t kGrainWeights = 16384;

// Some filters of rows of weights: [rows, filters of the layer].
struct Block {
  int64_t rows, stride, filters;
};

QPRUNE_INLINE float signOf(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f); }

QPRUNE_CLONES void centerBlock(const Block& block, const float* w, float* result) {
  const Clamp clamp(-1.0f, 1.0f);
  double sums[kFilters] = {};
  float means[kFilters];
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++) sums[f] += w[row * block.stride + f];
  for (int64_t f = 0; f < block.filters; f++)
    means[f] = static_cast<float>(sums[f] / static_cast<double>(block.rows));
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++)
      result[row * block.stride + f] = clamp(w[row * block.stride + f] - means[f]);
}

QPRUNE_INLINE void meanMagnitudes(const Block& block, const float* w, float* means) {
  double sums[kFilters] = {};
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++) sums[f] += std::fabs(w[row * block.stride + f]);
  for (int64_t f = 0; f < block.filters; f++)
    means[f] = static_cast<float>(sums[f] / static_cast<double>(block.rows));
}

QPRUNE_CLONES void quantizeBlock(const Block& block, const float* w, bool hasAlpha, float* q) {
  float alphas[kFilters];
  std::fill(alphas, alphas + kFilters, 1.0f);
  if (hasAlpha) meanMagnitudes(block, w, alphas);
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++)
      q[row * block.stride + f] = signOf(w[row * block.stride + f]) * alphas[f];
}

QPRUNE_CLONES void gradientBlock(const Block& block, const float* dq, const float* w, float factor, float* dw) {
  float alphas[kFilters], means[kFilters];
  double sums[kFilters] = {};
  meanMagnitudes(block, w, alphas);
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++)
      sums[f] += signOf(w[row * block.stride + f]) * dq[row * block.stride + f];
  for (int64_t f = 0; f < block.filters; f++)
    means[f] = static_cast<float>(sums[f] / static_cast<double>(block.rows));
  for (int64_t row = 0; row < block.rows; row++)
    for (int64_t f = 0; f < block.filters; f++) {
      const float weight = w[row * block.stride + f];
      const float inside = std::fabs(weight) <= 1.0f ? 1.0f : 0.0f;
      const float direct = dq[row * block.stride + f] * alphas[f] * inside;
      dw[row * block.stride + f] = (direct + signOf(weight) * means[f]) * factor;
    }
}

// Calls body(block, index of its first weight) for blocks of filters of `parts` arrays of [rows, filters].
template <class Body>
void forBlocks(Parallel& parallel, int64_t parts, int64_t rows, int64_t filters, const Body& body) {
  const int64_t blocks = (filters + kFilters - 1) / kFilters;
  const int64_t grain = std::max<int64_t>(1, kGrainWeights / (rows * kFilters));
  parallelFor(parallel, parts * blocks, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t piece = begin; piece < end; piece++) {
      const int64_t part = piece / blocks, first = piece % blocks * kFilters;
      body(Block{rows, filters, std::min(kFilters, filters - first)}, part * rows * filters + first);
    }
  });
}

}  // namespace

void centerAndClamp(const FilterShape& s, const float* w, float* result, Parallel& parallel) {
  forBlocks(parallel, s.taps, s.inputs, s.filters,
            [&](const Block& block, int64_t at) { centerBlock(block, w + at, result + at); });
}

void binaryWeights(const FilterShape& s, const float* w, bool hasAlpha, float* q, Parallel& parallel) {
  forBlocks(parallel, 1, s.taps * s.inputs, s.filters,
            [&](const Block& block, int64_t at) { quantizeBlock(block, w + at, hasAlpha, q + at); });
}

void binaryWeightsGradient(const FilterShape& s, const float* dq, const float* w, float* dw, Parallel& parallel) {
  const double inputs = static_cast<double>(s.inputs);
  const auto factor = static_cast<float>((1.0 - 1.0 / inputs) * static_cast<double>(s.taps) * inputs);
  forBlocks(parallel, 1, s.taps * s.inputs, s.filters,
            [&](const Block& block, int64_t at) { gradientBlock(block, dq + at, w + at, factor, dw + at); });
}

}  // namespace qprune
