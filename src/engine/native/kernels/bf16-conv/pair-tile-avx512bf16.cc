// The inner loops of the gradient of a kernel with the dot products of AVX512-BF16.
#include "pair-tile.h"

#ifdef QPRUNE_BF16_KERNELS

#include <immintrin.h>

#include <algorithm>

#define QPRUNE_BF16_TARGET __attribute__((target("avx512f,avx512bf16")))

namespace qprune {
namespace {

template <int BLOCKS, int ROWS>
QPRUNE_BF16_TARGET QPRUNE_INLINE void store(const PairTile& t, const __m512 (&sums)[ROWS][BLOCKS]) {
  for (int row = t.firstRow; row < t.lastRow; row++) {
    float* to = t.sums + row * t.sumStep;
#pragma GCC unroll 3
    for (int block = 0; block < BLOCKS; block++, to += kBlockOutputs) {
      const int64_t left = std::min(kBlockOutputs, t.outputs - block * kBlockOutputs);
      const auto lanes = static_cast<__mmask16>((1u << left) - 1);
      const __m512 before = t.isFirst ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(lanes, to);
      _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(before, sums[row][block]));
    }
  }
}

template <int BLOCKS, int ROWS>
QPRUNE_BF16_TARGET void multiply(const PairTile& t) {
  __m512 sums[ROWS][BLOCKS];
#pragma GCC unroll 24
  for (int row = 0; row < ROWS; row++)
#pragma GCC unroll 3
    for (int block = 0; block < BLOCKS; block++) sums[row][block] = _mm512_setzero_ps();
  const uint32_t* dy = t.dy;
  Lines ahead = t.ahead;
  for (int64_t image = 0; image < t.images; image++)
    for (int64_t line = 0; line < t.rows; line++) {
      const uint32_t* x = t.x + image * t.imageStep + line * t.rowStep;
      for (int64_t pair = 0; pair < t.pairs; pair++, x += t.pairStep) {
        ahead.fetchOne();
        __m512bh gradients[BLOCKS];
#pragma GCC unroll 3
        for (int block = 0; block < BLOCKS; block++, dy += kBlockOutputs)
          gradients[block] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(dy));
#pragma GCC unroll 24
        for (int row = 0; row < ROWS; row++) {
          const __m512bh input = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int32_t>(x[row])));
#pragma GCC unroll 3
          for (int block = 0; block < BLOCKS; block++)
            sums[row][block] = _mm512_dpbf16_ps(sums[row][block], input, gradients[block]);
        }
      }
    }
  store<BLOCKS, ROWS>(t, sums);
}

}  // namespace

void multiplyPairTileAvx512Bf16(const PairTile& tile) {
  switch (tile.blocks) {
    case 3: multiply<3, 8>(tile); break;
    case 2: tile.tileRows == 12 ? multiply<2, 12>(tile) : multiply<2, 8>(tile); break;
    default: tile.tileRows == 24 ? multiply<1, 24>(tile) : multiply<1, 16>(tile);
  }
}

}  // namespace qprune

#endif
