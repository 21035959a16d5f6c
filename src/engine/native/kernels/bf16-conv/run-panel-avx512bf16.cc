// The inner loops with the dot products of AVX512-BF16.
#include "run-panel.h"

#ifdef QPRUNE_BF16_KERNELS

#include <immintrin.h>

#include <algorithm>

#define QPRUNE_BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace qprune {
namespace {

QPRUNE_BF16_TARGET QPRUNE_INLINE __m512bh pairsAt(const void* from) {
  return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}

// The same pair of source elements for all outputs; it may lie at any even address.
QPRUNE_BF16_TARGET QPRUNE_INLINE __m512bh everywhere(const Bf16* pair) {
  int32_t bits;
  __builtin_memcpy(&bits, pair, sizeof(bits));
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(bits));
}

// Positions that are computed together, so that weights are loaded once for all; with three blocks of outputs their sums fill
// the vector registers.
constexpr int kTilePositions = 8;

template <int BLOCKS>
QPRUNE_BF16_TARGET QPRUNE_INLINE void store(const RunPanel& p, int64_t first, __m512 (&sums)[BLOCKS][kTilePositions]) {
  const int64_t count = std::min<int64_t>(kTilePositions, p.positions - first);
  for (int64_t at = 0; at < count; at++) {
    const Results destination = p.destination.from(p.destinationOffsets[first + at]);
#pragma GCC unroll 3
    for (int block = 0; block < BLOCKS; block++) {
      void* const to = destination.at(block * kBlockOutputs);
      if (p.isStreamed) {
        _mm512_stream_ps(static_cast<float*>(to), sums[block][at]);
        continue;
      }
      const int64_t left = std::min(kBlockOutputs, p.outputs - block * kBlockOutputs);
      const auto lanes = static_cast<__mmask16>((1u << left) - 1);
      if (destination.isFloat())
        _mm512_mask_storeu_ps(to, lanes, sums[block][at]);
      else
        _mm256_mask_storeu_epi16(to, lanes, reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(sums[block][at])));
    }
  }
}

// The positions from `first` on, with BLOCKS blocks of outputs. STEPS pairs at a time have sums of their own, for enough independent ones.
template <int BLOCKS, int STEPS>
QPRUNE_BF16_TARGET QPRUNE_INLINE void multiplyTile(const RunPanel& p, int64_t first) {
  __m512 sums[STEPS][BLOCKS][kTilePositions];
#pragma GCC unroll 3
  for (int step = 0; step < STEPS; step++)
#pragma GCC unroll 3
    for (int block = 0; block < BLOCKS; block++)
#pragma GCC unroll 8
      for (int at = 0; at < kTilePositions; at++) sums[step][block][at] = _mm512_setzero_ps();
  const uint32_t* weights = p.weights;
  for (int64_t run = 0; run < p.runs; run++) {
    const Bf16* source[kTilePositions];
#pragma GCC unroll 8
    for (int at = 0; at < kTilePositions; at++)
      source[at] = p.source + p.sourceOffsets[first + at] + p.runOffsets[run];
    int64_t pair = 0;
    for (; pair + STEPS <= p.runPairs; pair += STEPS) {
#pragma GCC unroll 3
      for (int step = 0; step < STEPS; step++) {
        __m512bh w[BLOCKS];
#pragma GCC unroll 3
        for (int block = 0; block < BLOCKS; block++, weights += kBlockOutputs) w[block] = pairsAt(weights);
#pragma GCC unroll 8
        for (int at = 0; at < kTilePositions; at++) {
          const __m512bh x = everywhere(source[at] + 2 * (pair + step));
#pragma GCC unroll 3
          for (int block = 0; block < BLOCKS; block++)
            sums[step][block][at] = _mm512_dpbf16_ps(sums[step][block][at], x, w[block]);
        }
      }
    }
    if (STEPS > 1 && pair < p.runPairs) {
      const __m512bh w = pairsAt(weights);
      weights += kBlockOutputs;
#pragma GCC unroll 8
      for (int at = 0; at < kTilePositions; at++)
        sums[0][0][at] = _mm512_dpbf16_ps(sums[0][0][at], everywhere(source[at] + 2 * pair), w);
    }
  }
  if (STEPS > 1) {
#pragma GCC unroll 8
    for (int at = 0; at < kTilePositions; at++) sums[0][0][at] = _mm512_add_ps(sums[0][0][at], sums[STEPS - 1][0][at]);
  }
  store<BLOCKS>(p, first, sums[0]);
}

template <int BLOCKS, int STEPS>
QPRUNE_BF16_TARGET void multiply(const RunPanel& p) {
  for (int64_t first = 0; first < p.positions; first += kTilePositions) multiplyTile<BLOCKS, STEPS>(p, first);
}

}  // namespace

void multiplyRunsAvx512Bf16(const RunPanel& panel) {
  switch (panel.blocks) {
    case 3: multiply<3, 1>(panel); break;
    case 2: multiply<2, 1>(panel); break;
    default: multiply<1, 2>(panel);
  }
}

}  // namespace qprune

#endif
