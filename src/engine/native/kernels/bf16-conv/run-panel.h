// The inner loops of the bfloat16 convolutions: sums of products over runs of source elements.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "../bf16/stored-values.h"
#include "output-panels.h"

namespace qprune {

// The largest number of blocks in a panel, and of positions that are computed together.
constexpr int kPanelBlocks = 3;
constexpr int kMostTilePositions = 64;

// All positions of a block of the destination, for the outputs of one panel. Each output is the sum, over all runs, of the
// products of adjacent source elements with weights.
struct RunPanel {
  const Bf16* source;
  const int64_t* sourceOffsets;  // of `positions` positions; kMostTilePositions more can be read and give nothing
  const int64_t* runOffsets;     // of each run from a position's source element
  int64_t runs;
  int64_t runPairs;              // pairs of elements in one run, a multiple of the loops' pairStep
  const uint32_t* weights;       // [runs, runPairs, blocks, kBlockOutputs] pairs
  int blocks;
  int64_t outputs;               // at most blocks * kBlockOutputs
  Results destination;
  const int64_t* destinationOffsets;
  int64_t positions;
  bool isStreamed;               // whether the stores bypass the caches; outputs are then whole blocks of floats
};

// Inner loops, and the layout of the weights that they read.
struct RunLoops {
  void (*multiply)(const RunPanel&);
  int mostBlocks;    // of a panel, at most kPanelBlocks
  // Runs are filled with zero weights up to a multiple of it: an infinite element after a run's end makes NaN of an output.
  int64_t pairStep;
};

// For any CPU: the products of bfloat16 operands are exact in float32, in which they are summed.
void multiplyRuns(const RunPanel& panel);

#ifdef QPRUNE_BF16_KERNELS
// With AVX512-BF16, which sums pairs of products.
void multiplyRunsAvx512Bf16(const RunPanel& panel);
#endif

#ifdef QPRUNE_AMX_KERNELS
// With AMX, which multiplies tiles of 16 positions, 16 pairs and 16 outputs. Without equal steps between the positions, their
// elements are gathered first.
void multiplyRunsAmx(const RunPanel& panel);
#endif

// Makes streamed stores visible to other threads.
void fenceStreamedStores();

// The fastest that this CPU supports.
const RunLoops& runLoops();

}  // namespace qprune
