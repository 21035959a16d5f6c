// Tables of 16 x 16 pairs, exchanged in the vector registers of AVX-512 or one by one.
#include "transpose-pairs.h"

#include <algorithm>

#include "../cpu-features.h"
#include "../multiversion.h"

#ifdef QPRUNE_BF16_KERNELS
#include <immintrin.h>
#endif

namespace qprune {
namespace {

constexpr int64_t kColumns = 16;

void transposePortably(const uint32_t* from, int64_t fromStep, int64_t columns, uint32_t* to, int64_t toStep) {
  for (int64_t column = 0; column < columns; column++)
    for (int64_t row = 0; row < kTransposedRows; row++) to[column * toStep + row] = from[row * fromStep + column];
}

#ifdef QPRUNE_BF16_KERNELS

#define QPRUNE_AVX512_TARGET __attribute__((target("avx512f")))

QPRUNE_AVX512_TARGET void transposeAvx512(const uint32_t* from, int64_t fromStep, int64_t columns, uint32_t* to,
                                          int64_t toStep) {
  // Four rows at a time: the lane of 128 bits number l of quads[4 i + j] has column 4 l + j of the rows from 4 i on.
  __m512i quads[kTransposedRows];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const uint32_t* rows = from + 4 * i * fromStep;
    const __m512i first = _mm512_loadu_si512(rows), second = _mm512_loadu_si512(rows + fromStep);
    const __m512i third = _mm512_loadu_si512(rows + 2 * fromStep), fourth = _mm512_loadu_si512(rows + 3 * fromStep);
    const __m512i low = _mm512_unpacklo_epi32(first, second), high = _mm512_unpackhi_epi32(first, second);
    const __m512i nextLow = _mm512_unpacklo_epi32(third, fourth), nextHigh = _mm512_unpackhi_epi32(third, fourth);
    quads[4 * i] = _mm512_unpacklo_epi64(low, nextLow);
    quads[4 * i + 1] = _mm512_unpackhi_epi64(low, nextLow);
    quads[4 * i + 2] = _mm512_unpacklo_epi64(high, nextHigh);
    quads[4 * i + 3] = _mm512_unpackhi_epi64(high, nextHigh);
  }
  constexpr int kEven = 0x88, kOdd = 0xdd;  // lanes of both operands
  __m512i transposed[kColumns];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    const __m512i even = _mm512_shuffle_i32x4(quads[j], quads[4 + j], kEven);
    const __m512i odd = _mm512_shuffle_i32x4(quads[j], quads[4 + j], kOdd);
    const __m512i nextEven = _mm512_shuffle_i32x4(quads[8 + j], quads[12 + j], kEven);
    const __m512i nextOdd = _mm512_shuffle_i32x4(quads[8 + j], quads[12 + j], kOdd);
    transposed[j] = _mm512_shuffle_i32x4(even, nextEven, kEven);
    transposed[4 + j] = _mm512_shuffle_i32x4(odd, nextOdd, kEven);
    transposed[8 + j] = _mm512_shuffle_i32x4(even, nextEven, kOdd);
    transposed[12 + j] = _mm512_shuffle_i32x4(odd, nextOdd, kOdd);
  }
#pragma GCC unroll 16
  for (int column = 0; column < kColumns; column++)
    if (column < columns) _mm512_storeu_si512(to + column * toStep, transposed[column]);
}

#endif

}  // namespace

void transposePairs(const uint32_t* from, int64_t fromStep, int64_t columns, uint32_t* to, int64_t toStep) {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return transposeAvx512(from, fromStep, columns, to, toStep);
#endif
  transposePortably(from, fromStep, columns, to, toStep);
}

}  // namespace qprune
