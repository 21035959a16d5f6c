// Convolutions as products of rows, which are gathered from windows, and filters.
#pragma once

#include <algorithm>
#include <cstring>

#include "rows.h"
#include "tails.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Pieces of work have a multiple of this many positions: the rows of the largest tiles.
constexpr int kLeastRows = 16;

inline size_t tapBytesOf(const Conv& c) { return static_cast<size_t>(c.tapWords) * (c.kernel >= kSigns ? kSignBytes : 4); }

// `taps` adjacent taps of a group, from `position` on.
void gatherTaps(const Memory& m, const Conv& c, int position, int group, int taps, uint8_t* to) {
  const int own = c.channels / c.groups;
  const size_t from = static_cast<size_t>(position) * c.channels + static_cast<size_t>(group) * own;
  const int count = own * taps;
  switch (c.kernel) {
    case kFloats: std::memcpy(to, m.at<float>(c.input) + from, sizeof(float) * count); return;
    case kBytes:
      // The codes of the next position, whose weights are 0, fill the word.
      if (taps == 1 && own <= 4) std::memcpy(to, m.at<uint8_t>(c.input) + from, 4);
      else std::memcpy(to, m.at<uint8_t>(c.input) + from, count);
      return;
    case kShorts: {
      if (c.hasShorts) {
        std::memcpy(to, m.at<uint16_t>(c.input) + from, sizeof(uint16_t) * count);
        return;
      }
      const uint8_t* codes = m.at<uint8_t>(c.input) + from;
      int16_t* wide = reinterpret_cast<int16_t*>(to);
      for (int i = 0; i < count; i++) wide[i] = codes[i];
      return;
    }
    default: {
      const size_t word = (static_cast<size_t>(position) * c.groups + group) * c.tapWords;
      std::memcpy(to, m.at<uint8_t>(c.signs) + kSignBytes * word, kSignBytes * static_cast<size_t>(c.tapWords) * taps);
    }
  }
}

// `taps` adjacent taps of up to 4 codes of a byte, each in a word, which the codes of the next position fill; their weights are 0.
void gatherWords(const Memory& m, const Conv& c, int position, int taps, uint8_t* to) {
  const uint8_t* from = m.at<uint8_t>(c.input) + static_cast<size_t>(position) * c.channels;
  for (int tap = 0; tap < taps; tap++, from += c.channels, to += 4) std::memcpy(to, from, 4);
}

void gatherPadding(const Conv& c, uint8_t* to, size_t bytes) {
  if (c.kernel != kShorts) {
    std::memset(to, c.kernel == kBytes ? c.zero : 0, bytes);
    return;
  }
  int16_t* wide = reinterpret_cast<int16_t*>(to);
  for (size_t i = 0; i < bytes / 2; i++) wide[i] = static_cast<int16_t>(c.zero);
}

void gatherRow(const Memory& m, const Conv& c, int at, int group, uint8_t* to) {
  const size_t tapBytes = tapBytesOf(c);
  const int firstRow = at / c.outWidth * c.strideRows - c.top;
  const int firstColumn = at % c.outWidth * c.strideColumns - c.left;
  const bool hasWords = c.kernel == kBytes && c.tapWords == 1 && c.groups == 1 && c.dilationColumns == 1;
  const bool isInColumns = firstColumn >= 0 && firstColumn + c.kernelWidth <= c.width;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    const bool isInside = row >= 0 && row < c.height;
    if ((c.isDense || hasWords) && isInside && isInColumns) {
      const int position = row * c.width + firstColumn;
      if (hasWords) gatherWords(m, c, position, c.kernelWidth, to);
      else gatherTaps(m, c, position, group, c.kernelWidth, to);
      to += tapBytes * c.kernelWidth;
      continue;
    }
    for (int kx = 0; kx < c.kernelWidth; kx++, to += tapBytes) {
      const int column = firstColumn + kx * c.dilationColumns;
      if (isInside && column >= 0 && column < c.width) gatherTaps(m, c, row * c.width + column, group, 1, to);
      else gatherPadding(c, to, tapBytes);
    }
  }
}

const uint8_t* placeOf(const Memory& m, const Conv& c, int at) {
  const size_t word = static_cast<size_t>(at) * c.words;
  return c.kernel >= kSigns ? m.at<uint8_t>(c.signs) + kSignBytes * word : m.at<uint8_t>(c.input) + 4 * word;
}

// Output positions `begin` to `end`.
void convolvePart(const Memory& m, const Conv& c, int begin, int end) {
  const Tail& t = *m.at<Tail>(c.tail);
  const int perGroup = c.filters / c.groups;
  const size_t groupColumns = static_cast<size_t>(c.blocks) * kBlock, columns = c.groups * groupColumns;
  const size_t rowBytes = tapBytesOf(c) * c.kernelHeight * c.kernelWidth;
  uint8_t* rows = scratch().rows.room<uint8_t>(static_cast<size_t>(c.blockRows) * rowBytes + 64);
  int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(c.blockRows) * columns);
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  for (int at = begin; at < end; at += c.blockRows) {
    const int count = std::min(c.blockRows, end - at);
    for (int group = 0; group < c.groups; group++) {
      const uint8_t* x = rows;
      if (c.isDirect) x = placeOf(m, c, at);
      else
        for (int row = 0; row < count; row++) gatherRow(m, c, at + row, group, rows + row * rowBytes);
      multiply(c.kernel, x, count, rowBytes, c.words, m.at<uint8_t>(c.weights) + static_cast<size_t>(group) * c.groupBytes,
               c.blocks, sums + group * groupColumns, columns, c.run);
    }
    finishRows(m, t, sums, count, c.groups, perGroup, static_cast<int>(groupColumns),
               m.at<uint8_t>(c.output) + at * outBytes);
  }
}

void convolve(const Memory& m, const Conv& c) {
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  parallelFor(threadPool(), (positions + kLeastRows - 1) / kLeastRows, 1, [&](int64_t begin, int64_t end, int) {
    convolvePart(m, c, static_cast<int>(begin * kLeastRows), static_cast<int>(std::min(positions, end * kLeastRows)));
  });
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
