// Tiles with AVX2: 16 registers hold the sums of 6 rows for a block of 16 filters. Where processors multiply and add bytes in one
// instruction, QPRUNE_DOT_OF_BYTES and QPRUNE_DOT_OF_SHORTS are its names.
#pragma once

#include <algorithm>
#include <cstring>

#include "products.h"
#include "requantizer.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

template <int BLOCKS>
constexpr int kLongRows = 6;
constexpr int kShortRows = 2;
constexpr int kTileBlocks = 1;
constexpr int kCountRows = 4, kCountBlocks = 1;
#ifdef QPRUNE_DOT_OF_BYTES
constexpr ByteProducts kByteProducts = ByteProducts::kEightBits;
#else
// The processor adds the products of two bytes in 16 bits, where the largest sums saturate.
constexpr ByteProducts kByteProducts = ByteProducts::kPairsOf16Bits;
#endif

inline __m256i loadVector(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
inline void storeVector(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }

// A block: filters 0 to 7, then 8 to 15.
struct Vector {
  __m256i low, high;
};
inline Vector zeros() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
inline Vector added(Vector a, Vector b) { return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)}; }
inline void storeSums(int32_t* to, Vector sums) {
  storeVector(to, sums.low);
  storeVector(to + 8, sums.high);
}

inline __m256i sumsOfPairs(__m256i pairs) { return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)); }
inline Vector widened(Vector pairs) { return {sumsOfPairs(pairs.low), sumsOfPairs(pairs.high)}; }

template <int KERNEL>
inline __m256i half(__m256i sums, __m256i x, __m256i weights) {
  if (KERNEL == kFloats)
    return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(sums),
                                             _mm256_mul_ps(_mm256_castsi256_ps(x), _mm256_castsi256_ps(weights))));
#ifdef QPRUNE_DOT_OF_BYTES
  return KERNEL == kShorts ? QPRUNE_DOT_OF_SHORTS(sums, x, weights) : QPRUNE_DOT_OF_BYTES(sums, x, weights);
#else
  return _mm256_add_epi32(sums, KERNEL == kShorts ? _mm256_madd_epi16(weights, x)
                                                  : sumsOfPairs(_mm256_maddubs_epi16(x, weights)));
#endif
}

// Adds the products of a word of a row and a word of a block.
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  const __m256i x = _mm256_set1_epi32(*word);
  return {half<KERNEL>(sums.low, x, loadVector(w)), half<KERNEL>(sums.high, x, loadVector(w + 32))};
}

#ifndef QPRUNE_DOT_OF_BYTES
// The same for bytes, in sums of 16 bits.
inline Vector addPairs(Vector sums, const int32_t* word, const uint8_t* w) {
  const __m256i x = _mm256_set1_epi32(*word);
  return {_mm256_add_epi16(sums.low, _mm256_maddubs_epi16(x, loadVector(w))),
          _mm256_add_epi16(sums.high, _mm256_maddubs_epi16(x, loadVector(w + 32)))};
}

#define QPRUNE_ADDS_RUNS
// Adds the products of `run` words in 16 bits, and these sums in 32.
template <int ROWS>
void addRuns(const uint8_t* x, size_t rowBytes, int words, const uint8_t* w, int32_t* sums, size_t columns, int run) {
  Vector total[ROWS];
  for (int r = 0; r < ROWS; r++) total[r] = zeros();
  for (int from = 0; from < words; from += run) {
    const int end = std::min(words, from + run);
    Vector pairs[ROWS];
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) pairs[r] = zeros();
    for (int word = from; word < end; word++, w += kBlock * 4)
#pragma GCC unroll 8
      for (int r = 0; r < ROWS; r++)
        pairs[r] = addPairs(pairs[r], reinterpret_cast<const int32_t*>(x + r * rowBytes) + word, w);
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) total[r] = added(total[r], widened(pairs[r]));
  }
#pragma GCC unroll 8
  for (int r = 0; r < ROWS; r++) storeSums(sums + r * columns, total[r]);
}
#endif

// The bits of every byte, by a table for each half of it.
inline __m256i countBits(__m256i bytes) {
  const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                          0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i low = _mm256_and_si256(bytes, nibble), high = _mm256_and_si256(_mm256_srli_epi32(bytes, 4), nibble);
  return _mm256_add_epi8(_mm256_shuffle_epi8(counts, low), _mm256_shuffle_epi8(counts, high));
}

// The sum of the four bytes of every 32 bits.
inline __m256i sumsOfBytes(__m256i bytes) { return sumsOfPairs(_mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1))); }

// Counts of that many words fit into bytes.
constexpr int kByteWords = 255 / 8;

// Filters [first, first + 8) of a block.
template <bool HAS_ZEROS, int ROWS>
void countHalf(const uint32_t* const* bits, int words, const uint32_t* w, int first, int32_t* sums, size_t columns) {
  constexpr int kStep = kBlock * (HAS_ZEROS ? 2 : 1);
  __m256i total[ROWS];
  for (int r = 0; r < ROWS; r++) {
    int32_t present = 0;
    if (!HAS_ZEROS)
      for (int word = 0; word < words; word++) present += __builtin_popcount(bits[r][2 * word]);
    total[r] = _mm256_set1_epi32(present);
  }
  for (int from = 0; from < words; from += kByteWords) {
    const int end = std::min(words, from + kByteWords);
    __m256i both[ROWS], opposite[ROWS];
    for (int r = 0; r < ROWS; r++) both[r] = opposite[r] = _mm256_setzero_si256();
    for (int word = from; word < end; word++) {
      const uint32_t* own = w + word * kStep + first;
      const __m256i negative = loadVector(own + (HAS_ZEROS ? kBlock : 0));
      const __m256i isThere = HAS_ZEROS ? loadVector(own) : _mm256_setzero_si256();
#pragma GCC unroll 4
      for (int r = 0; r < ROWS; r++) {
        __m256i p = _mm256_set1_epi32(static_cast<int>(bits[r][2 * word]));
        const __m256i n = _mm256_set1_epi32(static_cast<int>(bits[r][2 * word + 1]));
        if (HAS_ZEROS) {
          p = _mm256_and_si256(p, isThere);
          both[r] = _mm256_add_epi8(both[r], countBits(p));
        }
        opposite[r] = _mm256_add_epi8(opposite[r], countBits(_mm256_and_si256(p, _mm256_xor_si256(n, negative))));
      }
    }
    for (int r = 0; r < ROWS; r++) {
      const __m256i all = HAS_ZEROS ? _mm256_add_epi32(total[r], sumsOfBytes(both[r])) : total[r];
      total[r] = _mm256_sub_epi32(all, _mm256_slli_epi32(sumsOfBytes(opposite[r]), 1));
    }
  }
  for (int r = 0; r < ROWS; r++) storeVector(sums + r * columns + first, total[r]);
}

// A word of a row is a pair of 32 bits: present and negative channels. A word of filters is [negative] of 16 filters, or with
// zeros [present, negative].
template <bool HAS_ZEROS, int ROWS, int BLOCKS>
void countBlocks(const uint8_t* x, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  const uint32_t* bits[ROWS];
  for (int r = 0; r < ROWS; r++) bits[r] = reinterpret_cast<const uint32_t*>(x + r * rowBytes);
  for (int first = 0; first < kBlock; first += 8) countHalf<HAS_ZEROS, ROWS>(bits, words, w, first, sums, columns);
}

// Which of up to 32 codes are not zero, and which are below it.
inline void findSigns(const uint8_t* x, int some, uint8_t zero, uint32_t* present, uint32_t* negative) {
  const uint32_t lanes = some == 32 ? ~0u : (1u << some) - 1;
  const __m256i codes = loadVector(x), z = _mm256_set1_epi8(static_cast<char>(zero));
  const uint32_t isZero = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(codes, z)));
  const uint32_t atMost =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(codes, z), codes)));
  *present = ~isZero & lanes;
  *negative = atMost & ~isZero & lanes;
}

constexpr int kDepthwiseLanes = 16;

// The weights of up to kDepthwiseLanes channels in pairs of taps. What is read beyond a tap's channels is not used.
struct PairedWeights {
  PairedWeights(const Conv& c, const int16_t* w, int taps, int) {
    for (int tap = 0; tap < taps; tap += 2) {
      const __m256i v = loadVector(w + static_cast<size_t>(tap) * c.tapWords);
      const __m256i u =
          tap + 1 < taps ? loadVector(w + static_cast<size_t>(tap + 1) * c.tapWords) : _mm256_setzero_si256();
      low[tap / 2] = _mm256_unpacklo_epi16(v, u);
      high[tap / 2] = _mm256_unpackhi_epi16(v, u);
    }
  }
  __m256i low[kMostTaps / 2], high[kMostTaps / 2];
};

// Sums of those channels, from `first` on: products of two taps at a time, in pairs of 16 bits.
inline void sumPairs(const PairedWeights& weights, int zeroCode, const uint8_t* const* taps, int count, int first, int,
                     int32_t* sums) {
  const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(zeroCode)), none = _mm256_setzero_si256();
  const auto codes = [&](int at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(taps[at] + first));
    return _mm256_sub_epi16(_mm256_cvtepu8_epi16(bytes), zero);
  };
  __m256i low = none, high = none;
  for (int tap = 0; tap < count; tap += 2) {
    const __m256i x = codes(tap), y = tap + 1 < count ? codes(tap + 1) : none;
    low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), weights.low[tap / 2]));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), weights.high[tap / 2]));
  }
  // Each part of 128 bits has 4 channels of `low` before 4 of `high`.
  storeVector(sums, _mm256_permute2x128_si256(low, high, 0x20));
  storeVector(sums + 8, _mm256_permute2x128_si256(low, high, 0x31));
}

// Numbers of 64 bits, divided by powers of two and rounded, halves up.
inline __m256i roundedShift(__m256i numbers, __m256i by) {
  const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
  const __m256i halves = _mm256_srli_epi64(_mm256_sllv_epi64(_mm256_set1_epi64x(1), by), 1);
  // The processor shifts zeros in: numbers are moved to where none is negative, and back.
  const __m256i moved = _mm256_xor_si256(_mm256_add_epi64(numbers, halves), sign);
  return _mm256_sub_epi64(_mm256_srlv_epi64(moved, by), _mm256_srlv_epi64(sign, by));
}

void requantize(const Requantizer& q, const int32_t* __restrict sums, int count, uint8_t* __restrict to) {
  const __m256i zero = _mm256_set1_epi32(q.r.zero), low = _mm256_set1_epi32(q.r.low), high = _mm256_set1_epi32(q.r.high);
  const __m256i evenLanes = _mm256_set1_epi64x(0xffffffff);
  // The first byte of every 32 bits.
  const __m256i firstBytes = _mm256_set1_epi32(0x0c080400);
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256i x = _mm256_add_epi32(loadVector(sums + i), loadVector(q.constant + i));
    if (q.before) x = _mm256_mullo_epi32(x, loadVector(q.before + i));
    const __m256i factor = loadVector(q.multiplier + i), by = loadVector(q.shift + i);
    const __m256i even = roundedShift(_mm256_mul_epi32(x, factor), _mm256_and_si256(by, evenLanes));
    const __m256i odd = roundedShift(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(factor, 32)),
                                     _mm256_srli_epi64(by, 32));
    const __m256i scaled = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    const __m256i code = _mm256_min_epi32(_mm256_max_epi32(_mm256_add_epi32(scaled, zero), low), high);
    const __m256i bytes = _mm256_shuffle_epi8(code, firstBytes);
    const int32_t words[] = {_mm256_cvtsi256_si32(bytes), _mm256_extract_epi32(bytes, 4)};
    std::memcpy(to + i, words, sizeof words);
  }
  q.run(sums, i, count, to);
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
