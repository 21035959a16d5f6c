// Rows of floats, rounded to bfloat16 by AVX512-BF16 or by integer arithmetic.
#include "round-rows.h"

#include <algorithm>

#include "../cpu-features.h"
#include "../fetch-rows.h"

#ifdef QPRUNE_BF16_KERNELS
#include <immintrin.h>
#endif

namespace qprune {
namespace {

QPRUNE_CLONES void roundRowPortably(const float* from, int64_t count, Bf16* to) {
  for (int64_t i = 0; i < count; i++) to[i] = roundToBf16(from[i]);
}

QPRUNE_CLONES void roundPairsPortably(const float* low, const float* high, int64_t count, uint32_t* pairs) {
  for (int64_t i = 0; i < count; i++) pairs[i] = pairOf(roundToBf16(low[i]), roundToBf16(high[i]));
}

#ifdef QPRUNE_BF16_KERNELS

#define QPRUNE_BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512bf16")))

constexpr int64_t kLanes = 16;

QPRUNE_BF16_TARGET QPRUNE_INLINE __mmask16 firstLanes(int64_t count) {
  return count >= kLanes ? 0xffff : static_cast<__mmask16>((1u << count) - 1);
}

QPRUNE_BF16_TARGET void roundRowAvx512Bf16(const float* from, int64_t count, Bf16* to) {
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    fetchAhead(from + i);
    fetchAhead(from + i + kLanes);
    const auto both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + i + kLanes), _mm512_loadu_ps(from + i));
    _mm512_storeu_si512(to + i, reinterpret_cast<__m512i>(both));
  }
  for (; i < count; i += kLanes) {
    const __mmask16 lanes = firstLanes(count - i);
    const __m512 values = _mm512_maskz_loadu_ps(lanes, from + i);
    const auto both = _mm512_cvtne2ps_pbh(values, values);
    _mm512_mask_storeu_epi16(to + i, lanes, reinterpret_cast<__m512i>(both));
  }
}

QPRUNE_BF16_TARGET void roundPairsAvx512Bf16(const float* low, const float* high, int64_t count, uint32_t* pairs) {
  // Lane i of the low operand, then lane i of the high one.
  alignas(64) static const uint16_t order[2 * kLanes] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                        8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i interleaved = _mm512_load_si512(order);
  for (int64_t i = 0; i < count; i += kLanes) {
    const __mmask16 lanes = firstLanes(count - i);
    if (low != nullptr) fetchAhead(low + i);
    if (high != nullptr) fetchAhead(high + i);
    const __m512 lows = low == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(lanes, low + i);
    const __m512 highs = high == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(lanes, high + i);
    const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(highs, lows));
    _mm512_mask_storeu_epi32(pairs + i, lanes, _mm512_permutexvar_epi16(interleaved, both));
  }
}

QPRUNE_BF16_TARGET void roundPairRowsAvx512Bf16(const float* const* rows, int64_t count, int64_t values, uint32_t* pairs,
                                                int64_t step) {
  for (int64_t i = 0; i < count; i++, pairs += step) roundPairsAvx512Bf16(rows[2 * i], rows[2 * i + 1], values, pairs);
}

#endif

}  // namespace

void roundRow(const float* from, int64_t count, Bf16* to) {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return roundRowAvx512Bf16(from, count, to);
#endif
  roundRowPortably(from, count, to);
}

void roundPairs(const float* low, const float* high, int64_t count, uint32_t* pairs) {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return roundPairsAvx512Bf16(low, high, count, pairs);
#endif
  if (low != nullptr && high != nullptr) return roundPairsPortably(low, high, count, pairs);
  for (int64_t i = 0; i < count; i++)
    pairs[i] = pairOf(low == nullptr ? Bf16{0} : roundToBf16(low[i]), high == nullptr ? Bf16{0} : roundToBf16(high[i]));
}

void roundPairRows(const float* const* rows, int64_t count, int64_t values, uint32_t* pairs, int64_t step) {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return roundPairRowsAvx512Bf16(rows, count, values, pairs, step);
#endif
  for (int64_t i = 0; i < count; i++, pairs += step) roundPairs(rows[2 * i], rows[2 * i + 1], values, pairs);
}

}  // namespace qprune
