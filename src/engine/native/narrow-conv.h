// Convolution in bytes for processors with AVX2 and no more; see narrow-conv.cc.
#pragma once

#include "code-conv.h"

namespace qprune {

#ifdef QPRUNE_AVX512

// How values of x become bytes: k = levels x + offset, whole, from 0 to `most`.
struct InputGrid {
  float levels;
  int offset;
  float most;
};

// Writes y; false where the processor has no AVX2, an operand is on no grid, or pairs of products of its codes
// leave too little of 16 bits. e: in words of kWordChannels.
bool convolveNarrow(const Extent& e, const InputGrid& grid, Run& run);

#endif

}  // namespace qprune
