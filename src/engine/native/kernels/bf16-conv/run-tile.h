// The inner loops of the bfloat16 convolutions: sums of products over runs of source elements.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "bf16.h"

namespace qprune {

// Outputs of a block: a vector holds one pair of weights of each.
constexpr int64_t kBlockOutputs = 16;
// Blocks of outputs that share the loads of the source; with kTilePositions they fill the vector registers.
constexpr int kPanelBlocks = 3;
// Positions that are computed together, so that weights are loaded once for all.
constexpr int kTilePositions = 8;

// Up to kTilePositions positions, for the outputs of one panel. Each output is the sum, over all runs, of the products
// of adjacent source elements with weights.
struct RunTile {
  const Bf16* source;
  const int64_t* sourceOffsets;  // of kTilePositions positions
  const int64_t* runOffsets;     // of each run from a position's source element
  int64_t runs;
  int64_t runPairs;              // pairs of elements in one run
  const uint32_t* weights;       // [runs, runPairs, blocks, kBlockOutputs] pairs
  int blocks;
  int64_t outputs;               // at most blocks * kBlockOutputs
  float* destination;
  const int64_t* destinationOffsets;
  int positions;                 // the first ones, which are stored
  bool isStreamed;               // whether the stores bypass the caches; outputs are then whole blocks
};

using MultiplyRunTile = void (*)(const RunTile&);

// For any CPU: the products of bfloat16 operands are exact in float32, in which they are summed.
void multiplyRunTile(const RunTile& tile);

#ifdef QPRUNE_BF16_KERNELS
// With AVX512-BF16, which sums pairs of products.
void multiplyRunTileAvx512Bf16(const RunTile& tile);
#endif

// Makes streamed stores visible to other threads.
void fenceStreamedStores();

// The fastest that this CPU supports.
MultiplyRunTile runTileKernel();

}  // namespace qprune
