// Finds the scales and codes of a byte convolution's filters.
#include "byte-filters.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "weight-codes.h"

namespace qprune {
namespace {

constexpr int kMaxWeightCode = 127;

// The scale of each filter of a block; false where one has none.
bool findScales(const float* kernel, int64_t rows, int64_t stride, int64_t count, const float* largest,
                float* scale) {
  std::copy(largest, largest + kLanes, scale);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t lane = 0; lane < count; lane++) {
      const float weight = std::fabs(kernel[row * stride + lane]);
      if (weight == 0) continue;
      const float ratio = weight / scale[lane];
      if (std::fabs(ratio - std::nearbyint(ratio)) <= kRatioRounding) continue;
      scale[lane] = extendedScale(scale[lane], weight, largest[lane]);
      if (scale[lane] == 0) return false;
    }
  return true;
}

// Writes the codes of `count` filters and their sums; false where a weight is no multiple of its filter's scale or its
// code no byte.
bool packCodes(const PackedConvShape& s, const float* kernel, int64_t count, const float* largest,
               FilterBytes* bytes, FilterNumbers& numbers) {
  // A copy, which the bytes that are written cannot alias.
  FilterNumbers n = numbers;
  const int64_t inputs = s.groupInputs, words = s.words, stride = s.outputs;
  for (int64_t tap = 0; tap < s.kernelHeight * s.kernelWidth; tap++)
    for (int64_t channel = 0; channel < inputs; channel++) {
      const float* row = kernel + (tap * inputs + channel) * stride;
      FilterBytes& word = bytes[tap * words + channel / kBytesPerWord];
      for (int64_t lane = 0; lane < count; lane++) {
        const float scale = n.scale[lane];
        if (scale == 0) continue;
        const float code = std::nearbyint(row[lane] / scale);
        const float off = std::fabs(row[lane] - code * scale);
        if (!(off <= largest[lane] * kWeightRounding) || !(std::fabs(code) <= kMaxWeightCode)) return false;
        const int whole = static_cast<int>(code);
        word.lanes[lane][channel % kBytesPerWord] = static_cast<int8_t>(whole);
        n.codeSum[lane] += whole;
        n.largestCode = std::max(n.largestCode, std::abs(whole));
      }
    }
  numbers = n;
  return true;
}

}  // namespace

bool packByteFilters(const PackedConvShape& s, const float* kernel, int64_t count, FilterBytes* bytes,
                     FilterNumbers& numbers) {
  const int64_t rows = s.kernelHeight * s.kernelWidth * s.groupInputs;
  count = std::min(count, kLanes);
  numbers = FilterNumbers();
  std::memset(bytes, 0, s.filterWords * sizeof(FilterBytes));
  float largest[kLanes] = {};
  for (int64_t row = 0; row < rows; row++)
    for (int64_t lane = 0; lane < count; lane++) {
      const float weight = std::fabs(kernel[row * s.outputs + lane]);
      largest[lane] = weight <= largest[lane] ? largest[lane] : weight;
    }
  for (int64_t lane = 0; lane < count; lane++)
    if (!std::isfinite(largest[lane])) return false;
  return findScales(kernel, rows, s.outputs, count, largest, numbers.scale) &&
         packCodes(s, kernel, count, largest, bytes, numbers);
}

}  // namespace qprune
