// The filters of a byte convolution, packed by portable code.
#pragma once

#include <cstdint>

#include "packed-conv.h"

namespace qprune {

// One word of 16 filters: four channels each.
struct alignas(64) FilterBytes {
  int8_t lanes[kLanes][kBytesPerWord];
};

struct alignas(64) FilterNumbers {
  float scale[kLanes] = {};      // of a filter's codes
  int32_t codeSum[kLanes] = {};  // of all its codes
  int32_t largestCode = 0;       // the largest |code| of the block
};

// Packs a block of up to 16 filters of one group into filterWords words; false where a filter's weights are no integer
// multiples of a scale, or their codes no bytes. kernel: the block's first filter, with `outputs` values from one
// input to the next; count: the filters from there to the end of the group.
bool packByteFilters(const PackedConvShape& s, const float* kernel, int64_t count, FilterBytes* bytes,
                     FilterNumbers& numbers);

}  // namespace qprune
