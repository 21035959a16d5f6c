// exp for loops that the compiler vectorizes; a call of the C library would not be.
#pragma once

#include <cstdint>
#include <cstring>

#include "clamp.h"
#include "multiversion.h"

namespace qprune {

QPRUNE_INLINE float floatOfBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

QPRUNE_INLINE uint32_t bitsOfFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// 2^n for |n| <= 126.
QPRUNE_INLINE float powerOfTwo(uint32_t n) { return floatOfBits((n + 127u) << 23); }

// exp(x) within 1 unit in the last place; infinity above 88.73, 0 below -104. NaN stays NaN.
// exp(x) = 2^n exp(r) with the whole number n next to x / ln 2 and |r| <= ln(2) / 2, where seven terms of the Taylor
// series leave a relative error of 5e-9.
class Exponential {
 public:
  QPRUNE_INLINE float operator()(float x) const {
    const float t = clamped_(x);
    // Adding 1.5 * 2^23 rounds to a whole number, which is then in the lowest bits.
    constexpr float kRounding = 12582912.0f;
    const float shifted = t * 1.44269504f + kRounding;
    const float whole = shifted - kRounding;
    // ln 2 in two parts; the first has few bits, so that its products are exact.
    const float r = (t - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float series = 1.0f / 5040;
    series = series * r + 1.0f / 720;
    series = series * r + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    series = series * r + 1.0f;
    series = series * r + 1.0f;
    // n is between -159 and 128, so that 2^n takes two factors.
    const uint32_t n = bitsOfFloat(shifted) - bitsOfFloat(kRounding);
    const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(n) >> 1);
    return series * powerOfTwo(half) * powerOfTwo(n - half);
  }

 private:
  Clamp clamped_{-110.0f, 89.0f};
};

}  // namespace qprune
