// The codes of a filter's weights: whole multiples of a factor of its own, which is found by looking.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace qprune {

// The largest multiple that is looked for.
constexpr float kMaxCode = 255;
// What rounding leaves of a value on its grid: of x = k / levels relative to k, and of a weight, which comes
// from a subtraction, relative to the largest of its filter. And how far a ratio of two weights on a grid,
// neither known better than that, lies from a whole number.
constexpr float kInputRounding = 1.0f / (1 << 22), kWeightRounding = 2e-5f, kRatioRounding = 0.02f;

// The greatest common divisor of a and b, both of at least `least`; 0 where it is below that.
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

// The factor of a filter whose weights so far are multiples of `factor`, and now `weight` too: the greatest
// that fits all, found again from the largest weight, which tells it best. 0 where there is none.
inline float widerFactor(float factor, float weight, float largest) {
  if (!std::isfinite(weight) || !std::isfinite(largest)) return 0;
  const float found = commonDivisor(factor, weight, largest / kMaxCode);
  return found == 0 ? 0 : largest / std::nearbyint(largest / found);
}

}  // namespace qprune
