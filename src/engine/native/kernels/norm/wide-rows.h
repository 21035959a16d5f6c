// Rows of few channels, several at a time: with the numbers of the channels repeated, they are one row of many values, whose
// loops fill the vectors and begin less often.
#pragma once

#include <algorithm>
#include <cstdint>

#include "batch-moments.h"

namespace qprune {

struct WideRows {
  // Channels that are permuted belong to one row each.
  WideRows(int64_t channels, bool isPermuted)
      : channels(channels), rows(isPermuted ? 1 : std::max<int64_t>(1, kValues / std::max<int64_t>(1, channels))) {}

  int64_t channels;
  int64_t rows;  // in a wide one
  int64_t values() const { return rows * channels; }

  // The numbers of the channels, once for each row.
  void repeat(const float* numbers, float* repeated) const {
    for (int64_t row = 0; row < rows; row++) std::copy(numbers, numbers + channels, repeated + row * channels);
  }

  // sums[c] = the sum of a channel's values in a wide row.
  void addUp(const float* wide, float* sums) const {
    std::copy(wide, wide + channels, sums);
    for (int64_t row = 1; row < rows; row++)
      for (int64_t c = 0; c < channels; c++) sums[c] += wide[row * channels + c];
  }

  // Calls body(first value, rows, values of a row) for all wide rows of `count` rows, and for what is left as one shorter row.
  template <class Body>
  void forAll(int64_t count, const Body& body) const {
    const int64_t whole = count / rows, left = count % rows;
    if (whole > 0) body(0, whole, values());
    if (left > 0) body(whole * values(), 1, left * channels);
  }

 private:
  static constexpr int64_t kValues = 256;
};

}  // namespace qprune
