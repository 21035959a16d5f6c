// Vectors of 16 filters: 32 registers hold the sums of up to 16 of them.
#include "direct-loops.h"

#ifdef QPRUNE_X86_KERNELS

#include <immintrin.h>

#define QPRUNE_DIRECT_TARGET __attribute__((target("avx512f")))
#include "../multiversion.h"

namespace qprune {
namespace {

using Vector = __m512;
constexpr int64_t kLanes = 16;
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector zeros() { return _mm512_setzero_ps(); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector loadFrom(const float* from) { return _mm512_loadu_ps(from); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector everywhere(float value) { return _mm512_set1_ps(value); }
QPRUNE_DIRECT_TARGET QPRUNE_INLINE Vector addProduct(Vector a, Vector b, Vector sum) {
  return _mm512_fmadd_ps(a, b, sum);
}
QPRUNE_DIRECT_TARGET QPRUNE_INLINE void storeTo(float* to, Vector value) { _mm512_storeu_ps(to, value); }

}  // namespace
}  // namespace qprune

#include "direct-tiles.inc"

namespace qprune {
namespace {

// The longest tile that registers hold and the row has.
template <int STRIDE, int RIGHT>
SumRow longestTiles(int64_t vectors, int64_t positions) {
  if (vectors == 1 && positions >= 16) return sumRow<1, 16, 16, STRIDE, RIGHT>;
  if (positions >= 8) return vectors == 1 ? sumRow<1, 8, 8, STRIDE, RIGHT> : sumRow<2, 8, 8, STRIDE, RIGHT>;
  return vectors == 1 ? sumRow<1, 4, 4, STRIDE, RIGHT> : sumRow<2, 4, 4, STRIDE, RIGHT>;
}

SumRow sumRowOf(const RowWindows& windows, int64_t filters) {
  const int64_t vectors = filters / kLanes;
  if (windows.stride == 1) return longestTiles<1, 1>(vectors, windows.positions);
  return windows.columnsBeyond == 1 ? longestTiles<2, 1>(vectors, windows.positions)
                                    : longestTiles<2, 0>(vectors, windows.positions);
}

QPRUNE_DIRECT_TARGET void addTap(const Positions& at, int64_t begin, int64_t end, float* sums) {
  for (int64_t filter = 0; filter < at.stepDy;) {
    const bool isPair = at.stepDy - filter >= 2 * kLanes;
    float* to = sums + filter;
    if (isPair) addTiles<2, 8, 8>(at, begin, end, filter, to);
    else addTiles<1, 16, 16>(at, begin, end, filter, to);
    filter += isPair ? 2 * kLanes : kLanes;
  }
}

}  // namespace

const DirectLoops kAvx512Loops{2 * kLanes, sumRowOf, addTap};

}  // namespace qprune

#endif
