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
constexpr int kCountRows = 8, kCountBlocks = 2;
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

// Some rows and one or two blocks. Words of two blocks share the numbers of the rows, whose loads take longest otherwise.
template <bool HAS_ZEROS, int ROWS, int BLOCKS>
void countBlocks(const uint8_t* x, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  constexpr int kStep = kBlock * (HAS_ZEROS ? 2 : 1);
  const uint32_t* bits[ROWS];
  for (int r = 0; r < ROWS; r++) bits[r] = reinterpret_cast<const uint32_t*>(x + r * rowBytes);
  __m512i both[BLOCKS][ROWS], opposite[BLOCKS][ROWS];
  int32_t present[ROWS];
  for (int r = 0; r < ROWS; r++) {
    for (int b = 0; b < BLOCKS; b++) both[b][r] = opposite[b][r] = _mm512_setzero_si512();
    present[r] = 0;
    if (!HAS_ZEROS)
      for (int word = 0; word < words; word++) present[r] += __builtin_popcount(bits[r][2 * word]);
  }
  for (int word = 0; word < words; word++, w += kStep) {
    __m512i isThere[BLOCKS], negative[BLOCKS];
#pragma GCC unroll 2
    for (int b = 0; b < BLOCKS; b++) {
      const uint32_t* own = w + static_cast<size_t>(b) * words * kStep;
      negative[b] = _mm512_loadu_si512(own + (HAS_ZEROS ? kBlock : 0));
      isThere[b] = HAS_ZEROS ? _mm512_loadu_si512(own) : _mm512_set1_epi32(-1);
    }
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
      const __m512i p = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word]));
      const __m512i n = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word + 1]));
#pragma GCC unroll 2
      for (int b = 0; b < BLOCKS; b++) {
        const __m512i shared = HAS_ZEROS ? _mm512_and_si512(p, isThere[b]) : p;
        if (HAS_ZEROS) both[b][r] = _mm512_add_epi32(both[b][r], _mm512_popcnt_epi32(shared));
        const __m512i differ = _mm512_and_si512(shared, _mm512_xor_si512(n, negative[b]));
        opposite[b][r] = _mm512_add_epi32(opposite[b][r], _mm512_popcnt_epi32(differ));
      }
    }
  }
  for (int b = 0; b < BLOCKS; b++)
    for (int r = 0; r < ROWS; r++) {
      const __m512i all = HAS_ZEROS ? both[b][r] : _mm512_set1_epi32(present[r]);
      _mm512_storeu_si512(sums + r * columns + b * kBlock, _mm512_sub_epi32(all, _mm512_slli_epi32(opposite[b][r], 1)));
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

#define QPRUNE_SUMS_QUADS
constexpr int kQuadLanes = 64;

inline __mmask64 quadLanesOf(int some) { return some >= kQuadLanes ? ~0ull : (1ull << some) - 1; }

// Bytes of four taps next to each other: each vector has 4 channels of every 16.
struct Interleaved {
  Interleaved(__m512i x, __m512i y, __m512i z, __m512i u) {
    const __m512i xyLow = _mm512_unpacklo_epi8(x, y), xyHigh = _mm512_unpackhi_epi8(x, y);
    const __m512i zuLow = _mm512_unpacklo_epi8(z, u), zuHigh = _mm512_unpackhi_epi8(z, u);
    a = _mm512_unpacklo_epi16(xyLow, zuLow);
    b = _mm512_unpackhi_epi16(xyLow, zuLow);
    c = _mm512_unpacklo_epi16(xyHigh, zuHigh);
    d = _mm512_unpackhi_epi16(xyHigh, zuHigh);
  }
  __m512i a, b, c, d;
};

// The weights of up to kQuadLanes channels, of a byte each, in fours of taps, and what the zero of the codes adds to sums.
struct QuadWeights {
  QuadWeights(const Conv& conv, const int16_t* w, int taps, int some) {
    const __mmask64 lanes = quadLanesOf(some);
    const auto bytes = [&](int tap) {
      if (tap >= taps) return _mm512_setzero_si512();
      const int16_t* own = w + static_cast<size_t>(tap) * conv.tapWords;
      const __m256i low = _mm512_cvtepi16_epi8(_mm512_maskz_loadu_epi16(static_cast<__mmask32>(lanes), own));
      const __m256i high = _mm512_cvtepi16_epi8(_mm512_maskz_loadu_epi16(static_cast<__mmask32>(lanes >> 32), own + 32));
      return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    };
    const __m512i zeroCode = _mm512_set1_epi8(static_cast<char>(conv.zero)), none = _mm512_setzero_si512();
    for (int k = 0; k < 4; k++) start[k] = none;
    for (int tap = 0, four = 0; tap < taps; tap += 4, four++) {
      const Interleaved own(bytes(tap), bytes(tap + 1), bytes(tap + 2), bytes(tap + 3));
      const __m512i parts[] = {own.a, own.b, own.c, own.d};
      for (int k = 0; k < 4; k++) {
        weights[four][k] = parts[k];
        start[k] = _mm512_dpbusd_epi32(start[k], zeroCode, parts[k]);
      }
    }
    for (int k = 0; k < 4; k++) start[k] = _mm512_sub_epi32(none, start[k]);
  }
  __m512i weights[kMostTaps / 4][4], start[4];
};

// Sums of those channels, from `first` on: products of four taps at a time.
inline void sumQuads(const QuadWeights& weights, const uint8_t* const* taps, int count, int first, int some, int32_t* sums) {
  const __mmask64 lanes = quadLanesOf(some);
  const auto codes = [&](int tap) {
    return tap < count ? _mm512_maskz_loadu_epi8(lanes, taps[tap] + first) : _mm512_setzero_si512();
  };
  __m512i a = weights.start[0], b = weights.start[1], c = weights.start[2], d = weights.start[3];
  for (int tap = 0, four = 0; tap < count; tap += 4, four++) {
    const Interleaved x(codes(tap), codes(tap + 1), codes(tap + 2), codes(tap + 3));
    const __m512i* w = weights.weights[four];
    a = _mm512_dpbusd_epi32(a, x.a, w[0]);
    b = _mm512_dpbusd_epi32(b, x.b, w[1]);
    c = _mm512_dpbusd_epi32(c, x.c, w[2]);
    d = _mm512_dpbusd_epi32(d, x.d, w[3]);
  }
  // Part k of 128 bits of a, b, c and d has the channels 16 k to 16 k + 15.
  const __m512i abLow = _mm512_shuffle_i32x4(a, b, 0x44), abHigh = _mm512_shuffle_i32x4(a, b, 0xee);
  const __m512i cdLow = _mm512_shuffle_i32x4(c, d, 0x44), cdHigh = _mm512_shuffle_i32x4(c, d, 0xee);
  _mm512_storeu_si512(sums, _mm512_shuffle_i32x4(abLow, cdLow, 0x88));
  _mm512_storeu_si512(sums + 16, _mm512_shuffle_i32x4(abLow, cdLow, 0xdd));
  _mm512_storeu_si512(sums + 32, _mm512_shuffle_i32x4(abHigh, cdHigh, 0x88));
  _mm512_storeu_si512(sums + 48, _mm512_shuffle_i32x4(abHigh, cdHigh, 0xdd));
}

#define QPRUNE_REQUANTIZES_ROWS

// The numbers of 16 channels. Products of even and of odd lanes have 64 bits each; the results of the odd ones move to the upper
// halves in the same shift, for which their multipliers have to be below 1: shifts of 32 and more.
struct LaneNumbers {
  LaneNumbers(const Requantizer& q, int first, __mmask16 lanes)
      : constant(_mm512_maskz_loadu_epi32(lanes, q.constant + first)),
        before(q.before ? _mm512_maskz_loadu_epi32(lanes, q.before + first) : _mm512_set1_epi32(1)),
        factor(_mm512_maskz_loadu_epi32(lanes, q.multiplier + first)) {
    const __m512i by = _mm512_maskz_loadu_epi32(lanes, q.shift + first);
    const __m512i one = _mm512_set1_epi64(1);
    const __m512i oddBy = _mm512_srli_epi64(by, 32);
    evenBy = _mm512_and_si512(by, _mm512_set1_epi64(0xffffffff));
    oddFactor = _mm512_srli_epi64(factor, 32);
    evenHalf = _mm512_srli_epi64(_mm512_sllv_epi64(one, evenBy), 1);
    oddHalf = _mm512_srli_epi64(_mm512_sllv_epi64(one, oddBy), 1);
    oddShift = _mm512_sub_epi64(oddBy, _mm512_set1_epi64(32));
    areBelowOne = (_mm512_cmpge_epi32_mask(by, _mm512_set1_epi32(32)) & lanes) == lanes;
    // Lanes without a channel shift zeros.
    oddShift = _mm512_max_epi64(oddShift, _mm512_setzero_si512());
  }
  __m512i constant, before, factor, oddFactor, evenBy, oddShift, evenHalf, oddHalf;
  bool areBelowOne;
};

template <bool HAS_BEFORE>
void requantizeColumn(const Requantizer& q, const LaneNumbers& n, const int32_t* sums, size_t columns, int rows,
                      __mmask16 lanes, uint8_t* to, size_t outBytes) {
  const LaneNumbers own = n;
  const __m512i zero = _mm512_set1_epi32(q.r.zero), low = _mm512_set1_epi32(q.r.low), high = _mm512_set1_epi32(q.r.high);
  for (int row = 0; row < rows; row++, sums += columns, to += outBytes) {
    __m512i x = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, sums), own.constant);
    if (HAS_BEFORE) x = _mm512_mullo_epi32(x, own.before);
    const __m512i even = _mm512_srav_epi64(_mm512_add_epi64(_mm512_mul_epi32(x, own.factor), own.evenHalf), own.evenBy);
    const __m512i odd = _mm512_srav_epi64(
        _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), own.oddFactor), own.oddHalf), own.oddShift);
    const __m512i scaled = _mm512_mask_blend_epi32(0xaaaa, even, odd);
    const __m512i code = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(scaled, zero), low), high);
    _mm512_mask_cvtepi32_storeu_epi8(to, lanes, code);
  }
}

void requantize(const Requantizer& q, const int32_t* __restrict sums, int count, uint8_t* __restrict to);

// Rows of `count` sums, each `columns` after the one before -> rows of codes.
void requantizeRows(const Requantizer& q, const int32_t* sums, size_t columns, int rows, int count, uint8_t* to,
                    size_t outBytes) {
  for (int i = 0; i < count; i += 16) {
    const __mmask16 lanes = count - i >= 16 ? 0xffff : static_cast<__mmask16>((1u << (count - i)) - 1);
    const LaneNumbers n(q, i, lanes);
    if (!n.areBelowOne) {
      const Requantizer own(q.r, q.constant + i, q.multiplier + i, q.shift + i, q.before ? q.before + i : nullptr, q.half + i);
      for (int row = 0; row < rows; row++)
        requantize(own, sums + row * columns + i, std::min(16, count - i), to + row * outBytes + i);
    } else if (q.before)
      requantizeColumn<true>(q, n, sums + i, columns, rows, lanes, to + i, outBytes);
    else
      requantizeColumn<false>(q, n, sums + i, columns, rows, lanes, to + i, outBytes);
  }
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
