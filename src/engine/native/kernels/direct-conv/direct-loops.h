// The inner loops of the direct convolutions, which are compiled for each width of vectors.
#pragma once

#include "../cpu-features.h"
#include "../integer-conv/conv-shape.h"

namespace qprune {

// Numbers of input channels and filters are multiples of the widest vectors.
constexpr int64_t kMostLanes = 16;
// The side of the kernels.
constexpr int kSide = 3;
// Input channels between two updates of the addresses.
constexpr int kUnrolledChannels = 4;

// One output row for some filters.
struct Row {
  const float* x;       // the first input channel of the first position's first tap, which may lie in the padding
  const float* kernel;  // [taps of rows, kSide, inputs, outputs], from the first filter on
  float* y;             // from the same filter on
  int64_t tapRows;      // rows of the kernel that lie within x
  int64_t step;         // floats of x between positions
  int64_t rowX;         // floats of a row of x
  int64_t inputs, outputs;
  int64_t positions;
};

using SumRow = void (*)(const Row& row);

// The windows of an output row.
struct RowWindows {
  int64_t positions;
  int64_t stride;         // 1 or 2
  int64_t columnsBeyond;  // of the last window, to the right of x: 0 or 1; 1 at stride 1
};

// Positions of some output rows at which a tap lies within x.
struct Positions {
  const float* x;   // under the tap, at the first position
  const float* dy;  // at the first position
  int64_t rows, columns;
  int64_t rowX, rowDy;    // floats from one row of positions to the next
  int64_t stepX, stepDy;  // floats from one position to the next
};

struct DirectLoops {
  int64_t mostFilters;  // that one row computes together
  // The loop for that many filters, a multiple of kMostLanes.
  SumRow (*sumRowOf)(const RowWindows& windows, int64_t filters);
  // Adds the products of one tap for the input channels [begin, end), multiples of kMostLanes, and all filters.
  // sums: [inputs, outputs] of the tap.
  void (*addTap)(const Positions& at, int64_t begin, int64_t end, float* sums);
};

#ifdef QPRUNE_X86_KERNELS
extern const DirectLoops kAvx512Loops, kAvx2Loops;
#endif

// The widest that this CPU supports; null where it has none.
const DirectLoops* directLoops();

}  // namespace qprune
