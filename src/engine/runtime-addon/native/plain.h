// Tiles on any processor.
#pragma once

#include <algorithm>
#include <cstring>

#include "products.h"
#include "requantizer.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

template <int BLOCKS>
constexpr int kLongRows = 8;
constexpr int kShortRows = 4;
constexpr int kTileBlocks = 1;
constexpr int kCountRows = 4, kCountBlocks = 1;
constexpr ByteProducts kByteProducts = ByteProducts::kNone;

// Vectors that the compiler makes of the processor's own.
typedef int32_t Vector __attribute__((vector_size(4 * kBlock)));
typedef float FloatVector __attribute__((vector_size(4 * kBlock)));
inline Vector zeros() { return Vector{}; }
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  if (KERNEL == kFloats) {
    float x;
    FloatVector weights;
    std::memcpy(&x, word, sizeof x);
    std::memcpy(&weights, w, sizeof weights);
    return reinterpret_cast<Vector>(reinterpret_cast<FloatVector>(sums) + weights * x);
  }
  Vector weights;
  std::memcpy(&weights, w, sizeof weights);
  const int32_t low = static_cast<int16_t>(*word), high = *word >> 16;
  return sums + ((weights << 16) >> 16) * low + (weights >> 16) * high;
}
inline void storeSums(int32_t* to, Vector sums) { std::memcpy(to, &sums, sizeof sums); }

template <bool HAS_ZEROS, int ROWS, int BLOCKS>
void countBlocks(const uint8_t* x, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  const uint32_t* bits[ROWS];
  for (int r = 0; r < ROWS; r++) bits[r] = reinterpret_cast<const uint32_t*>(x + r * rowBytes);
  for (int r = 0; r < ROWS; r++) {
    int32_t total[kBlock] = {};
    const uint32_t* filters = w;
    for (int word = 0; word < words; word++, filters += kBlock * (HAS_ZEROS ? 2 : 1)) {
      const uint32_t present = bits[r][2 * word], negative = bits[r][2 * word + 1];
      for (int i = 0; i < kBlock; i++) {
        const uint32_t p = HAS_ZEROS ? present & filters[i] : present;
        const uint32_t differ = p & (negative ^ filters[i + (HAS_ZEROS ? kBlock : 0)]);
        total[i] += __builtin_popcount(p) - 2 * __builtin_popcount(differ);
      }
    }
    std::memcpy(sums + r * columns, total, sizeof total);
  }
}

inline void findSigns(const uint8_t* x, int some, uint8_t zero, uint32_t* present, uint32_t* negative) {
  *present = *negative = 0;
  for (int i = 0; i < some; i++) {
    *present |= static_cast<uint32_t>(x[i] != zero) << i;
    *negative |= static_cast<uint32_t>(x[i] < zero) << i;
  }
}

constexpr int kDepthwiseLanes = 32;

// The weights of up to kDepthwiseLanes channels, [taps, channels].
struct PairedWeights {
  PairedWeights(const Conv& c, const int16_t* w, int, int) : own(w), step(c.tapWords) {}
  const int16_t* own;
  int step;
};

// Sums of those channels, from `first` on.
inline void sumPairs(const PairedWeights& weights, int zero, const uint8_t* const* taps, int count, int first, int some,
                     int32_t* sums) {
  const int channels = std::min(some, kDepthwiseLanes);
  for (int i = 0; i < channels; i++) sums[i] = 0;
  for (int tap = 0; tap < count; tap++) {
    const uint8_t* x = taps[tap] + first;
    const int16_t* w = weights.own + static_cast<size_t>(tap) * weights.step;
    for (int i = 0; i < channels; i++) sums[i] += (x[i] - zero) * w[i];
  }
}

inline void requantize(const Requantizer& q, const int32_t* __restrict sums, int count, uint8_t* __restrict to) {
  q.run(sums, 0, count, to);
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
