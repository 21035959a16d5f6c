// Pools, and codes as bits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../../native/kernels/threads/thread-pool.h"
#include "rows.h"
#include "structures.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

template <class T, class Visit>
void forWindow(const Memory& m, const Window& p, int64_t at, const Visit& visit) {
  const int firstRow = static_cast<int>(at / p.outWidth) * p.strideRows - p.top;
  const int firstColumn = static_cast<int>(at % p.outWidth) * p.strideColumns - p.left;
  for (int ky = 0; ky < p.kernelHeight; ky++)
    for (int kx = 0; kx < p.kernelWidth; kx++) {
      const int row = firstRow + ky, column = firstColumn + kx;
      const bool isInside = row >= 0 && row < p.height && column >= 0 && column < p.width;
      visit(isInside ? m.at<T>(p.input) + (static_cast<size_t>(row) * p.width + column) * p.channels : nullptr);
    }
}

// One row of channels into another. The bounds are copies, which the bytes that are written cannot alias.
inline void addCodes(uint8_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = static_cast<uint8_t>(y[c] + x[c]);
}
inline void raiseCodes(uint8_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = y[c] > x[c] ? y[c] : x[c];
}

void poolCodes(const Memory& m, const Window& window, bool isSum) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  const uint8_t zero = static_cast<uint8_t>(p.zero);
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      uint8_t* __restrict y = m.at<uint8_t>(p.output) + at * p.channels;
      std::memset(y, 0, p.channels);
      forWindow<uint8_t>(m, p, at, [&](const uint8_t* x) {
        if (x && isSum) addCodes(y, x, p.channels);
        else if (x) raiseCodes(y, x, p.channels);
        else if (isSum)
          for (int c = 0; c < p.channels; c++) y[c] = static_cast<uint8_t>(y[c] + zero);
      });
    }
  });
}

inline void addShorts(uint16_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = static_cast<uint16_t>(y[c] + x[c]);
}

// Sums of codes, in two bytes each.
void sumShorts(const Memory& m, const Window& window) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      uint16_t* __restrict y = m.at<uint16_t>(p.output) + at * p.channels;
      std::fill(y, y + p.channels, static_cast<uint16_t>(0));
      forWindow<uint8_t>(m, p, at, [&](const uint8_t* x) {
        if (x) addShorts(y, x, p.channels);
        else
          for (int c = 0; c < p.channels; c++) y[c] = static_cast<uint16_t>(y[c] + p.zero);
      });
    }
  });
}

void poolFloats(const Memory& m, const Window& window) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  const float* shares = m.at<float>(p.shares);
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      float* __restrict y = m.at<float>(p.output) + at * p.channels;
      std::fill(y, y + p.channels, shares ? 0.0f : -INFINITY);
      forWindow<float>(m, p, at, [&](const float* x) {
        if (!x) return;
        if (shares)
          for (int c = 0; c < p.channels; c++) y[c] = y[c] + x[c] * shares[at];
        else
          for (int c = 0; c < p.channels; c++) y[c] = y[c] > x[c] ? y[c] : x[c];
      });
    }
  });
}

#ifdef QPRUNE_LOOKS_UP_SIGNS
// The low 4 bits of every byte of the result are 4 bits of x.
inline uint64_t spread(uint64_t x) {
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  return (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
}
#endif

// The channels of positions as signs: pairs of 32 bits, present and negative channels, or bytes of 4 channels.
void packInput(const Memory& m, const Conv& c) {
  const int own = c.channels / c.groups;
  const uint8_t zero = static_cast<uint8_t>(c.zero);
  parallelFor(threadPool(), static_cast<int64_t>(c.height) * c.width, 64, [&](int64_t begin, int64_t end, int) {
    uint8_t* to = m.at<uint8_t>(c.signs) + kSignBytes * begin * c.groups * c.tapWords;
    const uint8_t* x = m.at<uint8_t>(c.input) + begin * c.channels;
    for (int64_t at = begin * c.groups; at < end * c.groups; at++, x += own)
      for (int from = 0; from < own; from += 32) {
        const int some = std::min(32, own - from);
        uint32_t present = 0, negative = 0;
        findSigns(x + from, some, zero, &present, &negative);
#ifdef QPRUNE_LOOKS_UP_SIGNS
        const uint64_t bytes = spread(present) | spread(negative) << 4;
        const size_t count = static_cast<size_t>(some + 3) / 4;
#else
        const uint64_t bytes = present | static_cast<uint64_t>(negative) << 32;
        constexpr size_t count = sizeof bytes;
#endif
        std::memcpy(to, &bytes, count);
        to += count;
      }
  });
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
