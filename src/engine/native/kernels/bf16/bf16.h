// bfloat16: the upper half of a float.
#pragma once

#include <cstdint>
#include <cstring>

#include "../multiversion.h"

namespace qprune {

using Bf16 = uint16_t;

QPRUNE_INLINE uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

QPRUNE_INLINE float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// The nearest bfloat16, of two equally near ones the even one; NaN remains NaN.
QPRUNE_INLINE Bf16 roundToBf16(float value) {
  const uint32_t bits = bitsOf(value);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const uint32_t quietNan = bits >> 16 | 0x40;
  return static_cast<Bf16>((bits & 0x7fffffff) > 0x7f800000 ? quietNan : rounded);
}

QPRUNE_INLINE float toFloat(Bf16 value) { return floatOf(static_cast<uint32_t>(value) << 16); }

QPRUNE_INLINE float toFloat(float value) { return value; }

QPRUNE_INLINE uint32_t pairOf(Bf16 low, Bf16 high) { return low | static_cast<uint32_t>(high) << 16; }

}  // namespace qprune
