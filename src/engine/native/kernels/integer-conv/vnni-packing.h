// The operands of the byte convolution with AVX-512 VNNI, packed.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "packed-conv.h"

#ifdef QPRUNE_X86_KERNELS

#define QPRUNE_VNNI_TARGET __attribute__((target("avx512f,avx512vnni")))

namespace qprune {

// One word of 16 filters: four channels each.
struct alignas(64) VnniFilterBytes {
  int32_t lanes[kLanes];
};

struct alignas(64) VnniFilterNumbers {
  float scale[kLanes];   // of a filter's codes
  int32_t half[kLanes];  // -1 where the bytes are (j - 1) / 2, else 0
};

// Packs a block of up to 16 filters of one group; false where a filter's weights are on no grid of codes.
// kernel: the block's first filter, with `outputs` values from one input to the next.
QPRUNE_VNNI_TARGET bool packVnniFilters(const PackedConvShape& s, const float* kernel, int64_t count,
                                        VnniFilterBytes* bytes, VnniFilterNumbers& numbers);

// The channels of one position as bytes, and the sum of their codes in each group; false where a value is not on the
// grid.
QPRUNE_VNNI_TARGET bool packVnniPosition(const PackedConvShape& s, const float* x, float levels,
                                         int32_t* words, int32_t* sums);

}  // namespace qprune

#endif
