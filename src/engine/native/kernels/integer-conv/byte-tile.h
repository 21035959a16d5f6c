// A part of a byte convolution, and what becomes of its sums.
#pragma once

#include <cstdint>

#include "vnni-packing.h"

#ifdef QPRUNE_X86_KERNELS

namespace qprune {

// All positions of an output row, for filters of one group from a block on.
struct ByteTile {
  const int32_t* x;              // the first word of the first window
  const VnniFilterBytes* bytes;  // of the first block
  const VnniFilterNumbers* numbers;
  const int32_t* windowSums;     // of the codes in the positions' windows
  int64_t filtersLeft;           // from the first block to the end of the group
  float* y;
};

// Outputs of one block of filters.
class ByteOutputs {
 public:
  QPRUNE_VNNI_TARGET ByteOutputs(const PackedConvShape& s, const ByteTile& tile, int64_t block, float inputScale)
      : windowSums_(tile.windowSums),
        y_(tile.y + block * kLanes),
        outputs_(s.outputs),
        isStreamed_(s.isStreamed()),
        lanes_(firstLanes(tile.filtersLeft - block * kLanes)) {
    const VnniFilterNumbers& numbers = tile.numbers[block];
    scale_ = _mm512_mul_ps(_mm512_load_ps(numbers.scale), _mm512_set1_ps(inputScale));
    const __m512i half = _mm512_load_si512(numbers.half);
    isHalf_ = _mm512_test_epi32_mask(half, half);
  }

  // Stores the sums of products of the bytes at one position.
  QPRUNE_VNNI_TARGET void store(__m512i total, int64_t column) const {
    const __m512i doubled = _mm512_add_epi32(_mm512_slli_epi32(total, 1), _mm512_set1_epi32(windowSums_[column]));
    const __m512i sum = _mm512_mask_mov_epi32(total, isHalf_, doubled);
    storeLanes(y_ + column * outputs_, _mm512_mul_ps(scale_, _mm512_cvtepi32_ps(sum)), lanes_, isStreamed_);
  }

 private:
  const int32_t* windowSums_;
  float* y_;
  int64_t outputs_;
  bool isStreamed_;
  uint16_t lanes_;
  __m512 scale_;
  __mmask16 isHalf_;
};

#ifdef QPRUNE_AMX_KERNELS
// The outputs of a tile, of signed or unsigned bytes of x. Reads up to 16 words and 16 windows more than it uses.
void multiplyByteTileAmx(const PackedConvShape& s, const ByteTile& tile, int64_t blocks, float inputScale, bool isSigned);
#endif

}  // namespace qprune

#endif
