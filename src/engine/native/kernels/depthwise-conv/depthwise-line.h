// What the depthwise convolution and its gradients share: taps, and the positions of a row at which all of them lie
// within the source.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qprune {

// One product of a sum over a window: a position of the source and a weight.
struct Tap {
  int64_t row;     // of the source, counted over all images
  int64_t column;  // of the source, for the first position of a line; it may lie outside
  int64_t weight;  // ky * kernelWidth + kx
};

// Positions of one row that have the same taps. From one to the next, taps move by `step` columns.
struct Line {
  int64_t count;
  int64_t step;
};

// The positions [begin, end) of a line at which all taps lie within `width` columns.
struct Inner {
  int64_t begin, end;
};

inline Inner innerOf(const Line& line, const Tap* taps, int64_t count, int64_t width) {
  Inner inner{0, line.count};
  for (int64_t t = 0; t < count; t++) {
    const int64_t column = taps[t].column;
    if (column < 0) inner.begin = std::max(inner.begin, (-column + line.step - 1) / line.step);
    inner.end = std::min(inner.end, column >= width ? 0 : (width - 1 - column) / line.step + 1);
  }
  inner.end = std::max(inner.end, int64_t{0});
  inner.begin = std::min(inner.begin, inner.end);
  return inner;
}

// Copies the taps that lie within `width` columns at one position; returns how many.
inline int64_t tapsWithin(const Line& line, const Tap* taps, int64_t count, int64_t position, int64_t width,
                          Tap* within) {
  int64_t kept = 0;
  for (int64_t t = 0; t < count; t++) {
    const int64_t column = taps[t].column + position * line.step;
    if (column >= 0 && column < width) within[kept++] = taps[t];
  }
  return kept;
}

}  // namespace qprune
