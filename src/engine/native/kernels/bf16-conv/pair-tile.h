// The inner loops of the gradient of a kernel in bfloat16: sums of products over pairs of adjacent positions.
#pragma once

#include <cstdint>

#include "../cpu-features.h"
#include "../bf16/bf16.h"
#include "fetch-ahead.h"
#include "run-panel.h"

namespace qprune {

// Rows of the gradient that are computed together: with `blocks` blocks of outputs their sums fill the vector registers,
// or most of them where that divides `rows` better.
constexpr int tileRows(int blocks, int64_t rows) {
  const int most = blocks == 3 ? 8 : blocks == 2 ? 12 : 24;
  const int fewer = blocks == 3 ? 8 : blocks == 2 ? 8 : 16;
  return (rows + most - 1) / most * most <= (rows + fewer - 1) / fewer * fewer ? most : fewer;
}
constexpr int kMostTileRows = 24;

// Adjacent rows of the gradient, `tileRows` of them, for the outputs of one panel. A row belongs to one tap and one
// input channel: it sums the products of that channel with the outputs' gradients over all positions.
struct PairTile {
  const uint32_t* x;  // pairs of the first row of the gradient; those of the next rows follow
  const uint32_t* dy;  // [images, rows, pairs, blocks, kBlockOutputs]
  int64_t images, rows, pairs;
  int64_t imageStep, rowStep, pairStep;  // of x
  int blocks, tileRows;
  float* sums;      // the first row, of `outputs` values
  int64_t sumStep;  // from one row to the next
  int firstRow, lastRow;  // the rows [firstRow, lastRow) are stored
  int64_t outputs;  // at most blocks * kBlockOutputs
  bool isFirst;     // whether sums are set, not added to
  Lines ahead;      // up to one line for each pair, which are fetched on the way
};

using MultiplyPairTile = void (*)(const PairTile&);

// For any CPU: the products of bfloat16 operands are exact in float32, in which they are summed.
void multiplyPairTile(const PairTile& tile);

#ifdef QPRUNE_BF16_KERNELS
// With AVX512-BF16, which sums pairs of products.
void multiplyPairTileAvx512Bf16(const PairTile& tile);
#endif

// The fastest that this CPU supports.
MultiplyPairTile pairTileKernel();

}  // namespace qprune
