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

// For a byte of 4 channels, present in its low 4 bits and negative in its high bits: how many present ones have the opposite sign of
// 4 others, for all choices of these. See src/runtime/wasm/assembly/sign-tiles.ts, which explains the method.
struct alignas(64) CountTables {
  constexpr CountTables() {
    for (int at = 0; at < 256 * 16; at++) {
      const int opposite = at >> 4 & ((at >> 8) ^ at) & 15;
      counts[at] = static_cast<uint8_t>((opposite & 1) + (opposite >> 1 & 1) + (opposite >> 2 & 1) + (opposite >> 3));
    }
  }
  uint8_t counts[256 * 16] = {};
};
constexpr CountTables kCountTables;

// Counts that fit into a byte.
constexpr int kMostCounts = 63;
constexpr int kLookUpRows = 4;

inline void subtractCounts(int32_t* sums, __m128i counts, int shift) {
  const __m256i low = _mm256_slli_epi32(_mm256_cvtepu8_epi32(counts), shift);
  const __m256i high = _mm256_slli_epi32(_mm256_cvtepu8_epi32(_mm_srli_si128(counts, 8)), shift);
  storeVector(sums, _mm256_sub_epi32(loadVector(sums), low));
  storeVector(sums + 8, _mm256_sub_epi32(loadVector(sums + 8), high));
}

// Subtracts the counts of some rows and FILTERS filters from their sums.
template <int FILTERS, int ROWS>
void subtractTile(const uint8_t* x, size_t rowBytes, int bytes, const uint8_t* w, int32_t* sums, size_t columns, int shift) {
  constexpr int kVectors = FILTERS == 64 ? 2 : 1;
  for (int from = 0; from < bytes; from += kMostCounts) {
    const int end = std::min(bytes, from + kMostCounts);
    __m256i counts[kVectors][ROWS];
    for (int v = 0; v < kVectors; v++)
      for (int r = 0; r < ROWS; r++) counts[v][r] = _mm256_setzero_si256();
    for (int at = from; at < end; at++, w += FILTERS) {
      __m256i choices[kVectors];
      for (int v = 0; v < kVectors; v++)
        choices[v] = FILTERS == 16 ? _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w)))
                                   : loadVector(w + 32 * v);
#pragma GCC unroll 4
      for (int r = 0; r < ROWS; r++) {
        const auto* table = reinterpret_cast<const __m128i*>(kCountTables.counts + 16 * x[r * rowBytes + at]);
        const __m256i both = _mm256_broadcastsi128_si256(_mm_load_si128(table));
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; v++)
          counts[v][r] = _mm256_add_epi8(counts[v][r], _mm256_shuffle_epi8(both, choices[v]));
      }
    }
    for (int r = 0; r < ROWS; r++)
      for (int v = 0; v < kVectors; v++) {
        int32_t* to = sums + r * columns + 32 * v;
        subtractCounts(to, _mm256_castsi256_si128(counts[v][r]), shift);
        if (FILTERS > 16) subtractCounts(to + 16, _mm256_extracti128_si256(counts[v][r], 1), shift);
      }
  }
}

// Sets the sums of a row to the number of channels that it has at all.
inline void startSums(const uint8_t* x, int bytes, int32_t* sums, int filters) {
  int32_t present = 0;
  for (int at = 0; at < bytes; at++) present += __builtin_popcount(x[at] & 15);
  for (int i = 0; i < filters; i += 8) storeVector(sums + i, _mm256_set1_epi32(present));
}

template <int ROWS>
void multiplySignsOf(const uint8_t* x, int bytes, const uint8_t* w, int filters, int32_t* sums, size_t columns, bool hasZeros) {
  for (int r = 0; r < ROWS; r++) startSums(x + r * bytes, bytes, sums + r * columns, filters);
  const size_t row = static_cast<size_t>(bytes);
  const int shift = hasZeros ? 0 : 1;
  for (int part = 0; part <= (hasZeros ? 1 : 0); part++) {
    int32_t* to = sums;
    for (int left = filters; left >= 64; left -= 64, w += 64 * row, to += 64)
      subtractTile<64, ROWS>(x, row, bytes, w, to, columns, shift);
    if (filters & 32) {
      subtractTile<32, ROWS>(x, row, bytes, w, to, columns, shift);
      w += 32 * row;
      to += 32;
    }
    if (filters & 16) {
      subtractTile<16, ROWS>(x, row, bytes, w, to, columns, shift);
      w += 16 * row;
    }
  }
}

#define QPRUNE_LOOKS_UP_SIGNS
// Rows [rows, bytes] of signs times filters that are packed by packChoices (src/runtime/kernels/pack-filters.ts).
void multiplySigns(const uint8_t* x, int rows, int bytes, const uint8_t* w, int blocks, int32_t* sums, size_t columns,
                   bool hasZeros) {
  const size_t row = static_cast<size_t>(bytes);
  int at = 0;
  for (; at + kLookUpRows <= rows; at += kLookUpRows)
    multiplySignsOf<kLookUpRows>(x + at * row, bytes, w, blocks * kBlock, sums + at * columns, columns, hasZeros);
  for (; at < rows; at++)
    multiplySignsOf<1>(x + at * row, bytes, w, blocks * kBlock, sums + at * columns, columns, hasZeros);
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
