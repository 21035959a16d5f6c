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

// Output positions that are computed together, with the same weights.
constexpr int kDepthwiseRows = 8;

// Codes times weights, for windows of at most kMostTaps.
void convolveDepthwiseCodes(const Memory& m, const Conv& c) {
  const Tail& t = *m.at<Tail>(c.tail);
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  const int columns = (c.channels + kDepthwiseLanes - 1) / kDepthwiseLanes * kDepthwiseLanes;
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  parallelFor(threadPool(), positions, 16, [&](int64_t begin, int64_t end, int) {
    int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(columns) * kDepthwiseRows);
    uint8_t* outside = scratch().rows.room<uint8_t>(static_cast<size_t>(columns));
    std::memset(outside, c.zero, static_cast<size_t>(columns));
    const uint8_t* taps[kDepthwiseRows][kMostTaps];
    for (int64_t at = begin; at < end; at += kDepthwiseRows) {
      const int rows = static_cast<int>(std::min<int64_t>(kDepthwiseRows, end - at));
      int count = 0;
      for (int row = 0; row < rows; row++) {
        const int position = static_cast<int>(at) + row;
        count = tapsAt(m, c, position / c.outWidth * c.strideRows - c.top,
                       position % c.outWidth * c.strideColumns - c.left, outside, taps[row]);
      }
      for (int first = 0; first < c.channels; first += kDepthwiseLanes) {
        const int some = c.channels - first;
        const PairedWeights weights(c, m.at<int16_t>(c.weights) + first, count, some);
        for (int row = 0; row < rows; row++)
          sumPairs(weights, c.zero, taps[row], count, first, some, sums + row * columns + first);
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
