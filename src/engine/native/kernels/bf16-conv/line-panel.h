// The inner loops of the gradient of a kernel whose positions are one line: sums of products along lines.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "../bf16/bf16.h"
#include "run-panel.h"

namespace qprune {

// Rows of a tile of the gradient, and positions that are multiplied at a time.
constexpr int64_t kLineRows = 16;
constexpr int64_t kLinePositions = 32;
constexpr int64_t kLinePairs = kLinePositions / 2;
// Blocks of outputs in a panel, and tiles that are computed together.
constexpr int kLineBlocks = 2;
constexpr int kLineTiles = 4;

// Adjacent rows of the gradient: they belong to one tap and to adjacent input channels.
struct LineTile {
  const Bf16* x;  // the line of the first row, from the tap's first source element on
  float* sums;    // the first row, of `outputs` values
  int64_t rows;   // that are stored, at most kLineRows; the lines of as many can be read
};

// Up to kLineTiles tiles, for the outputs of one panel.
struct LinePanel {
  LineTile tiles[kLineTiles];
  int tileCount;
  int64_t lineStep;    // from the line of one row to the next, in elements
  const uint32_t* dy;  // pairs of positions of the panel's first output
  int64_t dyStep;      // from one pair of positions to the next
  int64_t positions;   // a multiple of kLinePositions
  int blocks;          // at most kLineBlocks
  int64_t outputs;     // at most blocks * kBlockOutputs
  int64_t sumStep;     // from one row to the next
  bool isFirst;        // whether sums are set, not added to
};

using MultiplyLines = void (*)(const LinePanel&);

// For any CPU: the products of bfloat16 operands are exact in float32, in which they are summed.
void multiplyLines(const LinePanel& panel);

#ifdef QPRUNE_AMX_KERNELS
// With AMX, which multiplies tiles of 16 rows, 16 pairs of positions and 16 outputs.
void multiplyLinesAmx(const LinePanel& panel);
#endif

// The loops for this CPU, null if it has no AMX and does not emulate it: then pairs of positions are faster than lines
// (pair-tile.h).
MultiplyLines lineLoops();

}  // namespace qprune
