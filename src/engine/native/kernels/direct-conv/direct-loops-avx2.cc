// Vectors of 8 filters: 16 registers hold the sums of 12 of them, two vectors of weights and a value of x.
#include "direct-loops.h"

#ifdef QPRUNE_X86_KERNELS

#include <immintrin.h>

#define QPRUNE_DIRECT_TARGET __attribute__((target("avx2,fma")))
#include "../multiversion.h"

namespace qprune {
namespace {

using Vector = __m256;
constexpr int64_t kLanes = 8;
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector zeros() { return _mm256_setzero_ps(); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector loadFrom(const float* from) { return _mm256_loadu_ps(from); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector everywhere(float value) { return _mm256_set1_ps(value); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector addProduct(Vector a, Vector b, Vector sum) {
  return _mm256_fmadd_ps(a, b, sum);
}
QPRUNE_DIRECT_TARGET QPRUNE_INLINE void storeTo(float* to, Vector value) { _mm256_storeu_ps(to, value); }

}  // namespace
}  // namespace qprune

#include "direct-tiles.inc"

namespace qprune {
namespace {

SumRow sumRowOf(const RowWindows& windows, int64_t) {
  if (windows.stride == 1) return sumRow<2, 6, 4, 1, 1>;
  return windows.columnsBeyond == 1 ? sumRow<2, 6, 4, 2, 1> : sumRow<2, 6, 4, 2, 0>;
}

QPRUNE_DIRECT_TARGET void addTap(const Positions& at, int64_t begin, int64_t end, float* sums) {
  for (int64_t filter = 0; filter < at.stepDy; filter += 2 * kLanes)
    addTiles<2, 6, 4>(at, begin, end, filter, sums + filter);
}

}  // namespace

const DirectLoops kAvx2Loops{2 * kLanes, sumRowOf, addTap};

}  // namespace qprune

#endif
