// Rows times filters. Filters are in blocks: for every word, the words of all filters of the block.
#pragma once

#include <algorithm>

#include "products.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// ROWS rows times BLOCKS blocks of filters.
template <int KERNEL, int ROWS, int BLOCKS>
void multiplyTile(const uint8_t* x, size_t rowBytes, int words, const uint8_t* w, int32_t* sums, size_t columns) {
  const size_t blockBytes = static_cast<size_t>(words) * kBlock * 4;
  Vector total[BLOCKS][ROWS];
  for (int b = 0; b < BLOCKS; b++)
    for (int r = 0; r < ROWS; r++) total[b][r] = zeros();
  for (int word = 0; word < words; word++, w += kBlock * 4)
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const int32_t* at = reinterpret_cast<const int32_t*>(x + r * rowBytes) + word;
#pragma GCC unroll 3
      for (int b = 0; b < BLOCKS; b++) total[b][r] = product<KERNEL>(total[b][r], at, w + b * blockBytes);
    }
#pragma GCC unroll 3
  for (int b = 0; b < BLOCKS; b++)
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) storeSums(sums + r * columns + b * kBlock, total[b][r]);
}

template <int KERNEL, int BLOCKS>
void multiplyBlocks(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int32_t* sums,
                    size_t columns) {
  constexpr int kRows = kLongRows<BLOCKS>;
  int row = 0;
  for (; row + kRows <= rows; row += kRows)
    multiplyTile<KERNEL, kRows, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  for (; row + kShortRows <= rows; row += kShortRows)
    multiplyTile<KERNEL, kShortRows, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  for (; row < rows; row++)
    multiplyTile<KERNEL, 1, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
}

template <int KERNEL>
void multiplyRows(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
                  size_t columns) {
  const size_t blockBytes = static_cast<size_t>(words) * kBlock * 4;
  for (int block = 0; block < blocks; block += kTileBlocks) {
    const uint8_t* filters = w + block * blockBytes;
    int32_t* to = sums + block * kBlock;
    switch (std::min(kTileBlocks, blocks - block)) {
      case 3: multiplyBlocks<KERNEL, 3>(x, rows, rowBytes, words, filters, to, columns); break;
      case 2: multiplyBlocks<KERNEL, 2>(x, rows, rowBytes, words, filters, to, columns); break;
      default: multiplyBlocks<KERNEL, 1>(x, rows, rowBytes, words, filters, to, columns);
    }
  }
}

#ifdef QPRUNE_ADDS_RUNS
// Bytes, `run` words of whose products add up in 16 bits.
void multiplyRuns(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
                  size_t columns, int run) {
  constexpr int kRows = kLongRows<1>;
  for (int block = 0; block < blocks; block++, sums += kBlock, w += static_cast<size_t>(words) * kBlock * 4) {
    int row = 0;
    for (; row + kRows <= rows; row += kRows)
      addRuns<kRows>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns, run);
    for (; row + kShortRows <= rows; row += kShortRows)
      addRuns<kShortRows>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns, run);
    for (; row < rows; row++) addRuns<1>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns, run);
  }
}
#endif

#ifdef QPRUNE_LOOKS_UP_SIGNS
// Bytes of a word of signs.
constexpr int kSignBytes = 1;
#else
constexpr int kSignBytes = 8;

template <bool HAS_ZEROS, int BLOCKS>
void countRowsOf(const uint8_t* x, int rows, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  int row = 0;
  for (; row + kCountRows <= rows; row += kCountRows)
    countBlocks<HAS_ZEROS, kCountRows, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  for (; row < rows; row++)
    countBlocks<HAS_ZEROS, 1, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
}

template <bool HAS_ZEROS>
void countRows(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
               size_t columns) {
  // Filters with zeros have twice as many sums in registers.
  constexpr int kMost = HAS_ZEROS ? 1 : kCountBlocks;
  const size_t blockWords = static_cast<size_t>(words) * kBlock * (HAS_ZEROS ? 2 : 1);
  const uint32_t* filters = reinterpret_cast<const uint32_t*>(w);
  int block = 0;
  for (; block + kMost <= blocks; block += kMost)
    countRowsOf<HAS_ZEROS, kMost>(x, rows, rowBytes, words, filters + block * blockWords, sums + block * kBlock, columns);
  for (; block < blocks; block++)
    countRowsOf<HAS_ZEROS, 1>(x, rows, rowBytes, words, filters + block * blockWords, sums + block * kBlock, columns);
}
#endif

void multiply(ConvKernel kernel, const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks,
              int32_t* sums, size_t columns, int run) {
  switch (kernel) {
    case kFloats: return multiplyRows<kFloats>(x, rows, rowBytes, words, w, blocks, sums, columns);
#ifdef QPRUNE_LOOKS_UP_SIGNS
    case kSigns:
    case kTernarySigns: return multiplySigns(x, rows, words, w, blocks, sums, columns, kernel == kTernarySigns);
#else
    case kSigns: return countRows<false>(x, rows, rowBytes, words, w, blocks, sums, columns);
    case kTernarySigns: return countRows<true>(x, rows, rowBytes, words, w, blocks, sums, columns);
#endif
    case kShorts: return multiplyRows<kShorts>(x, rows, rowBytes, words, w, blocks, sums, columns);
#ifdef QPRUNE_ADDS_RUNS
    case kBytes:
      if (run > 0) return multiplyRuns(x, rows, rowBytes, words, w, blocks, sums, columns, run);
      [[fallthrough]];
#endif
    default: {
#ifdef QPRUNE_MULTIPLIES_TILES
      // Whole tiles of rows; fewer rows are left to vectors.
      const int tiled = hasByteTiles() ? rows / kTileRows * kTileRows : 0;
      if (tiled > 0) multiplyByteTiles(x, tiled, rowBytes, words, w, blocks, sums, columns);
      x += tiled * rowBytes;
      sums += tiled * columns;
      rows -= tiled;
#endif
      return multiplyRows<kBytes>(x, rows, rowBytes, words, w, blocks, sums, columns);
    }
  }
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
