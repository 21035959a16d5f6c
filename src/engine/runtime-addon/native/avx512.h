// Tiles with AVX-512: 32 registers hold the sums of up to 24 vectors of 16 filters.
#pragma once

#include "products.h"
#include "requantizer.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Rows of a tile of products with BLOCKS blocks: one block alone needs more rows to hide the latency of products.
template <int BLOCKS>
constexpr int kLongRows = BLOCKS == 1 ? 16 : 8;
constexpr int kShortRows = 8;
constexpr int kTileBlocks = 3;
// Rows of a tile of counts.
constexpr int kCountRows = 8;
constexpr ByteProducts kByteProducts = ByteProducts::kEightBits;

using Vector = __m512i;
inline Vector zeros() { return _mm512_setzero_si512(); }
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  const __m512i weights = _mm512_loadu_si512(w);
  const __m512i x = _mm512_set1_epi32(*word);
  if (KERNEL == kFloats)
    return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(sums),
                                             _mm512_mul_ps(_mm512_castsi512_ps(x), _mm512_castsi512_ps(weights))));
  return KERNEL == kShorts ? _mm512_dpwssd_epi32(sums, x, weights) : _mm512_dpbusd_epi32(sums, x, weights);
}
inline void storeSums(int32_t* to, Vector sums) { _mm512_storeu_si512(to, sums); }

template <bool HAS_ZEROS, int ROWS>
void countTile(const uint8_t* x, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  const uint32_t* bits[ROWS];
  for (int r = 0; r < ROWS; r++) bits[r] = reinterpret_cast<const uint32_t*>(x + r * rowBytes);
  __m512i both[ROWS], opposite[ROWS];
  int32_t present[ROWS];
  for (int r = 0; r < ROWS; r++) {
    both[r] = opposite[r] = _mm512_setzero_si512();
    present[r] = 0;
    if (!HAS_ZEROS)
      for (int word = 0; word < words; word++) present[r] += __builtin_popcount(bits[r][2 * word]);
  }
  for (int word = 0; word < words; word++, w += kBlock * (HAS_ZEROS ? 2 : 1)) {
    const __m512i negative = _mm512_loadu_si512(w + (HAS_ZEROS ? kBlock : 0));
    const __m512i isThere = HAS_ZEROS ? _mm512_loadu_si512(w) : _mm512_set1_epi32(-1);
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
      __m512i p = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word]));
      const __m512i n = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word + 1]));
      if (HAS_ZEROS) {
        p = _mm512_and_si512(p, isThere);
        both[r] = _mm512_add_epi32(both[r], _mm512_popcnt_epi32(p));
      }
      const __m512i differ = _mm512_and_si512(p, _mm512_xor_si512(n, negative));
      opposite[r] = _mm512_add_epi32(opposite[r], _mm512_popcnt_epi32(differ));
    }
  }
  for (int r = 0; r < ROWS; r++) {
    const __m512i all = HAS_ZEROS ? both[r] : _mm512_set1_epi32(present[r]);
    _mm512_storeu_si512(sums + r * columns, _mm512_sub_epi32(all, _mm512_slli_epi32(opposite[r], 1)));
  }
}

inline void findSigns(const uint8_t* x, int some, uint8_t zero, uint32_t* present, uint32_t* negative) {
  const __mmask32 lanes = some == 32 ? ~0u : (1u << some) - 1;
  const __m256i codes = _mm256_maskz_loadu_epi8(lanes, x);
  const __m256i z = _mm256_set1_epi8(static_cast<char>(zero));
  *present = _mm256_mask_cmpneq_epu8_mask(lanes, codes, z);
  *negative = _mm256_mask_cmplt_epu8_mask(lanes, codes, z);
}

constexpr int kDepthwiseLanes = 32;

inline __mmask32 lanesOf(int some) { return some >= kDepthwiseLanes ? ~0u : (1u << some) - 1; }

// The weights of up to kDepthwiseLanes channels in pairs of taps.
struct PairedWeights {
  PairedWeights(const Conv& c, const int16_t* w, int taps, int some) {
    const __mmask32 lanes = lanesOf(some);
    for (int tap = 0; tap < taps; tap += 2) {
      const __m512i v = _mm512_maskz_loadu_epi16(lanes, w + static_cast<size_t>(tap) * c.tapWords);
      const __m512i u = tap + 1 < taps ? _mm512_maskz_loadu_epi16(lanes, w + static_cast<size_t>(tap + 1) * c.tapWords)
                                       : _mm512_setzero_si512();
      low[tap / 2] = _mm512_unpacklo_epi16(v, u);
      high[tap / 2] = _mm512_unpackhi_epi16(v, u);
    }
  }
  __m512i low[kMostTaps / 2], high[kMostTaps / 2];
};

// Sums of those channels, from `first` on: products of two taps at a time, in pairs of 16 bits.
inline void sumPairs(const PairedWeights& weights, int zeroCode, const uint8_t* const* taps, int count, int first,
                     int some, int32_t* sums) {
  const __mmask32 lanes = lanesOf(some);
  const __m512i zero = _mm512_set1_epi16(static_cast<int16_t>(zeroCode));
  const auto codes = [&](int at) {
    return _mm512_sub_epi16(_mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(lanes, taps[at] + first)), zero);
  };
  __m512i low = _mm512_setzero_si512(), high = low;
  int tap = 0;
  for (; tap + 1 < count; tap += 2) {
    const __m512i x = codes(tap), y = codes(tap + 1);
    low = _mm512_dpwssd_epi32(low, _mm512_unpacklo_epi16(x, y), weights.low[tap / 2]);
    high = _mm512_dpwssd_epi32(high, _mm512_unpackhi_epi16(x, y), weights.high[tap / 2]);
  }
  if (tap < count) {
    const __m512i x = codes(tap), none = _mm512_setzero_si512();
    low = _mm512_dpwssd_epi32(low, _mm512_unpacklo_epi16(x, none), weights.low[tap / 2]);
    high = _mm512_dpwssd_epi32(high, _mm512_unpackhi_epi16(x, none), weights.high[tap / 2]);
  }
  // Each part of 128 bits has 4 channels of `low` before 4 of `high`.
  const __m512i front = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const __m512i back = _mm512_setr_epi32(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  _mm512_storeu_si512(sums, _mm512_permutex2var_epi32(low, front, high));
  _mm512_storeu_si512(sums + 16, _mm512_permutex2var_epi32(low, back, high));
}


void requantize(const Requantizer& q, const int32_t* __restrict sums, int count, uint8_t* __restrict to) {
  const __m512i zero = _mm512_set1_epi32(q.r.zero), low = _mm512_set1_epi32(q.r.low), high = _mm512_set1_epi32(q.r.high);
  const __m512i one = _mm512_set1_epi64(1), evenLanes = _mm512_set1_epi64(0xffffffff);
  // Halves follow from the shifts, which are at least 31.
  const auto rounded = [&](__m512i products, __m512i by) {
    const __m512i halves = _mm512_srli_epi64(_mm512_sllv_epi64(one, by), 1);
    return _mm512_srav_epi64(_mm512_add_epi64(products, halves), by);
  };
  for (int i = 0; i < count; i += 16) {
    const __mmask16 lanes = count - i >= 16 ? 0xffff : static_cast<__mmask16>((1u << (count - i)) - 1);
    __m512i x = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, sums + i), _mm512_maskz_loadu_epi32(lanes, q.constant + i));
    if (q.before) x = _mm512_mullo_epi32(x, _mm512_maskz_loadu_epi32(lanes, q.before + i));
    const __m512i factor = _mm512_maskz_loadu_epi32(lanes, q.multiplier + i);
    const __m512i by = _mm512_maskz_loadu_epi32(lanes, q.shift + i);
    const __m512i even = rounded(_mm512_mul_epi32(x, factor), _mm512_and_si512(by, evenLanes));
    const __m512i odd = rounded(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(factor, 32)),
                                _mm512_srli_epi64(by, 32));
    const __m512i scaled = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
    const __m512i code = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(scaled, zero), low), high);
    _mm512_mask_cvtepi32_storeu_epi8(to + i, lanes, code);
  }
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
