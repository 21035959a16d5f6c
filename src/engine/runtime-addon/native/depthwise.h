// Convolutions with a filter for each channel.
#pragma once

#include <algorithm>
#include <cstring>

#include "products.h"
#include "tails.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Weights are [taps, tapWords]: shorts, or floats. `some` channels from `first` on, of one output position.
template <class Code, class Weight, class Sum>
void sumChannels(const Memory& m, const Conv& c, int firstRow, int firstColumn, int first, int some, Sum* sums) {
  const Weight* w = m.at<Weight>(c.weights) + first;
  const Sum zero = static_cast<Sum>(c.zero);
  for (int i = 0; i < some; i++) sums[i] = 0;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    for (int kx = 0; kx < c.kernelWidth; kx++, w += c.tapWords) {
      const int column = firstColumn + kx * c.dilationColumns;
      if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
      const Code* x = m.at<Code>(c.input) + (static_cast<size_t>(row) * c.width + column) * c.channels + first;
      for (int i = 0; i < some; i++)
        sums[i] = sums[i] + (static_cast<Sum>(x[i]) - zero) * static_cast<Sum>(w[i]);
    }
  }
}

// The taps of a window at one output position: where their codes start, or a row of zeros outside the maps.
int tapsAt(const Memory& m, const Conv& c, int firstRow, int firstColumn, const uint8_t* outside, const uint8_t** taps) {
  int count = 0;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    for (int kx = 0; kx < c.kernelWidth; kx++) {
      const int column = firstColumn + kx * c.dilationColumns;
      const bool isInside = row >= 0 && row < c.height && column >= 0 && column < c.width;
      taps[count++] =
          isInside ? m.at<uint8_t>(c.input) + (static_cast<size_t>(row) * c.width + column) * c.channels : outside;
    }
  }
  return count;
}

// The taps of all output positions. Where a window lies inside the maps, they are as far from its first one as everywhere.
struct TapFinder {
  TapFinder(const Memory& m, const Conv& c, const uint8_t* outside) : m(m), c(c), outside(outside) {
    count = 0;
    for (int ky = 0; ky < c.kernelHeight; ky++)
      for (int kx = 0; kx < c.kernelWidth; kx++)
        offsets[count++] = (static_cast<ptrdiff_t>(ky) * c.dilationRows * c.width + kx * c.dilationColumns) * c.channels;
  }
  void find(int position, const uint8_t** taps) const {
    const int row = position / c.outWidth * c.strideRows - c.top;
    const int column = position % c.outWidth * c.strideColumns - c.left;
    const bool isInside = row >= 0 && row + (c.kernelHeight - 1) * c.dilationRows < c.height && column >= 0 &&
                          column + (c.kernelWidth - 1) * c.dilationColumns < c.width;
    if (!isInside) {
      tapsAt(m, c, row, column, outside, taps);
      return;
    }
    const uint8_t* first = m.at<uint8_t>(c.input) + (static_cast<size_t>(row) * c.width + column) * c.channels;
    for (int tap = 0; tap < count; tap++) taps[tap] = first + offsets[tap];
  }
  const Memory& m;
  const Conv& c;
  const uint8_t* outside;
  int count;
  ptrdiff_t offsets[kMostTaps];
};

// Whether all weights fit into a byte.
inline bool hasByteWeights(const Memory& m, const Conv& c) {
  const int16_t* w = m.at<int16_t>(c.weights);
  const int count = c.kernelHeight * c.kernelWidth * c.tapWords;
  int wide = 0;
  for (int i = 0; i < count; i++) wide |= w[i] != static_cast<int8_t>(w[i]);
  return !wide;
}

// Output positions that are computed together, with the same weights.
constexpr int kDepthwiseRows = 16;

// Codes times weights, for windows of at most kMostTaps.
void convolveDepthwiseCodes(const Memory& m, const Conv& c) {
  const Tail& t = *m.at<Tail>(c.tail);
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  constexpr int kLanes = 64;
  const int columns = (c.channels + kLanes - 1) / kLanes * kLanes;
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
#ifdef QPRUNE_SUMS_QUADS
  // A few channels more than half of a vector of pairs are faster in pairs.
  const bool areBytes = c.channels > kDepthwiseLanes && hasByteWeights(m, c);
#endif
  parallelFor(threadPool(), positions, kDepthwiseRows, [&](int64_t begin, int64_t end, int) {
    int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(columns) * kDepthwiseRows);
    uint8_t* outside = scratch().rows.room<uint8_t>(static_cast<size_t>(columns));
    std::memset(outside, c.zero, static_cast<size_t>(columns));
    const TapFinder finder(m, c, outside);
    const uint8_t* taps[kDepthwiseRows][kMostTaps];
    for (int64_t at = begin; at < end; at += kDepthwiseRows) {
      const int rows = static_cast<int>(std::min<int64_t>(kDepthwiseRows, end - at));
      for (int row = 0; row < rows; row++) finder.find(static_cast<int>(at) + row, taps[row]);
#ifdef QPRUNE_SUMS_QUADS
      if (areBytes) {
        for (int first = 0; first < c.channels; first += kQuadLanes) {
          const int some = c.channels - first;
          const QuadWeights weights(c, m.at<int16_t>(c.weights) + first, finder.count, some);
          for (int row = 0; row < rows; row++)
            sumQuads(weights, taps[row], finder.count, first, some, sums + row * columns + first);
        }
        finishRows(m, t, sums, rows, 1, c.channels, columns, m.at<uint8_t>(c.output) + at * outBytes);
        continue;
      }
#endif
      for (int first = 0; first < c.channels; first += kDepthwiseLanes) {
        const int some = c.channels - first;
        const PairedWeights weights(c, m.at<int16_t>(c.weights) + first, finder.count, some);
        for (int row = 0; row < rows; row++)
          sumPairs(weights, c.zero, taps[row], finder.count, first, some, sums + row * columns + first);
      }
      finishRows(m, t, sums, rows, 1, c.channels, columns, m.at<uint8_t>(c.output) + at * outBytes);
    }
  });
}

void convolveDepthwise(const Memory& m, const Conv& c) {
  if (c.kernel != kFloats && c.kernelHeight * c.kernelWidth <= kMostTaps) return convolveDepthwiseCodes(m, c);
  constexpr int kChunk = 64;
  const Tail& t = *m.at<Tail>(c.tail);
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  parallelFor(threadPool(), positions, 16, [&](int64_t begin, int64_t end, int) {
    int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(c.channels) + kChunk);
    for (int64_t at = begin; at < end; at++) {
      const int firstRow = static_cast<int>(at / c.outWidth) * c.strideRows - c.top;
      const int firstColumn = static_cast<int>(at % c.outWidth) * c.strideColumns - c.left;
      for (int first = 0; first < c.channels; first += kChunk) {
        const int some = std::min(kChunk, c.channels - first);
        if (c.kernel == kFloats)
          sumChannels<float, float, float>(m, c, firstRow, firstColumn, first, some, reinterpret_cast<float*>(sums + first));
        else
          sumChannels<uint8_t, int16_t, int32_t>(m, c, firstRow, firstColumn, first, some, sums + first);
      }
      finishRows(m, t, sums, 1, 1, c.channels, c.channels, m.at<uint8_t>(c.output) + at * outBytes);
    }
  });
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
