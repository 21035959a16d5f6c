// The operands of the byte convolution with AVX-512 VNNI, packed.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "integer-conv.h"
#include "packed-conv.h"

#ifdef QPRUNE_X86_KERNELS

#define QPRUNE_VNNI_TARGET __attribute__((target("avx512f,avx512vnni")))

namespace qprune {

// Words that are adjacent for the positions and for the filters alike: those of a kernel's row, or of a tap. With AMX, which
// multiplies 16 words at a time, the filters have zeros after each run.
struct WordRuns {
  explicit WordRuns(const PackedConvShape& s)
      : perRow(s.groups == 1 && s.dilation.columns == 1 ? 1 : s.kernelWidth),
        count(s.kernelHeight * perRow),
        words(s.kernelWidth / perRow * s.words),
        stored(words) {
#ifdef QPRUNE_AMX_KERNELS
    if (hasAmx()) stored = (words + kLanes - 1) / kLanes * kLanes;
#endif
  }

  int64_t perRow, count;
  int64_t words, stored;  // of a run
};

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

// `count` values as bytes, signed if the grid has an offset; false where one is not on the grid.
QPRUNE_VNNI_TARGET bool packVnniCodes(const float* x, int64_t count, const InputGrid& grid, int32_t* words);

// sums[i] = the sum of the bytes of words[i].
QPRUNE_VNNI_TARGET void sumBytes(const int32_t* words, int64_t count, bool isSigned, int32_t* sums);

}  // namespace qprune

#endif
