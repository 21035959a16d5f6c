// The integer codes of a filter's weights: the scale of which all of them are whole multiples.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace qprune {

// The largest |code| that is looked for.
constexpr float kMaxCode = 255;
// What rounding leaves of an input x = k / levels on its grid, relative to k.
constexpr float kInputRounding = 1.0f / (1 << 22);
// The same of a weight, which results from a subtraction, relative to the largest of its filter.
constexpr float kWeightRounding = 2e-5f;
// How far the ratio of two weights on one grid, both with that rounding, may be from a whole number.
constexpr float kRatioRounding = 0.02f;

// The greatest common divisor of a and b that is at least about `least`; 0 where there is none.
inline float commonDivisor(double a, double b, double least) {
  if (a < b) std::swap(a, b);
  while (b >= 0.1 * least) {
    if (b < 0.9 * least) return 0;
    const double rest = std::fabs(a - std::nearbyint(a / b) * b);
    a = b;
    b = rest;
  }
  return static_cast<float>(a);
}

// The scale of a filter whose weights so far are multiples of `scale`, with `weight` added: the greatest of which
// all are multiples, computed from the largest weight, where rounding matters least. 0 where there is none.
inline float extendedScale(float scale, float weight, float largest) {
  if (!std::isfinite(weight) || !std::isfinite(largest)) return 0;
  const float found = commonDivisor(scale, weight, largest / kMaxCode);
  return found == 0 ? 0 : largest / std::nearbyint(largest / found);
}

}  // namespace qprune
