// What follows the sums of a layer: constants, norms, activations and quantizers, channel by channel. Every operation on floats
// is rounded as src/runtime/reference computes it.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "../../native/kernels/threads/thread-pool.h"
#include "requantizer.h"
#include "scratch.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

template <int ACT>
inline float activated(float x, const Tail& t) {
  switch (ACT) {
    case kRelu: return x > 0 ? x : 0;
    case kRelu6: {
      const float low = x < 0 ? 0 : x;
      return low > 6 ? 6 : low;
    }
    case kLeakyRelu: return x > 0 ? x : x * t.slope;
    case kUnit: {
      float u = (x < t.limit ? x : t.limit) * t.actScale;
      u = u < 0 ? 0 : u;
      u = u > 1 ? 1 : u;
      return __builtin_rintf(u * t.levels);
    }
    case kSignedUnit: {
      float u = x * t.actScale;
      u = u < -1 ? -1 : u;
      u = u > 1 ? 1 : u;
      return __builtin_rintf(u * t.levels) + t.levels;
    }
    case kUnitSign: return x * t.actScale > 0 ? 1 : 0;
    case kStep: return x > 0 ? 1 : 0;
    case kSign: return 1 + (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0);
    case kTernary: return 1 + (x > 0.5f ? 1 : 0) - (x < -0.5f ? 1 : 0);
    default: return x;
  }
}

// Channels that are finished together.
constexpr int kChunk = 64;

// What changes no number, for tails that lack a part. Constant: code at the start would run on every processor.
struct Neutral {
  constexpr Neutral() {
    for (int i = 0; i < kChunk; i++) {
      one[i] = 1;
      // -0 + 0 would be 0.
      negativeZero[i] = -0.0f;
    }
  }
  int32_t none[kChunk] = {};
  float zero[kChunk] = {}, one[kChunk] = {}, negativeZero[kChunk] = {};
};
constexpr Neutral kNeutral;

// The numbers of up to kChunk channels.
struct ChannelNumbers {
  const int32_t* constant;
  const float *factor, *bias, *center, *scale, *shift;
};

// Those from a channel on.
ChannelNumbers numbersFrom(const Memory& m, const Tail& t, int channel) {
  const auto part = [&](int32_t column, const auto* neutral) {
    const auto* values = m.at<std::remove_pointer_t<decltype(neutral)>>(column);
    return values ? values + channel : neutral;
  };
  return {part(t.constant, kNeutral.none),  part(t.factor, kNeutral.one), part(t.bias, kNeutral.negativeZero),
          part(t.center, kNeutral.zero), part(t.scale, kNeutral.one),  part(t.shift, kNeutral.negativeZero)};
}

// Up to kChunk values, one of each channel: sums -> to.
template <int ACT, int SUMS>
void finishWith(const Tail& t, const ChannelNumbers& n, const void* sums, int32_t window, int count, uint8_t* to) {
  const Tail own = t;
  const int32_t* __restrict constant = n.constant;
  const float* __restrict factor = n.factor;
  const float* __restrict bias = n.bias;
  const float* __restrict center = n.center;
  const float* __restrict scale = n.scale;
  const float* __restrict shift = n.shift;
  const int32_t* __restrict integers = static_cast<const int32_t*>(sums);
  const float* __restrict floats = static_cast<const float*>(sums);
  uint8_t* __restrict codes = to;
  float* __restrict values = reinterpret_cast<float*>(to);
  for (int i = 0; i < count; i++) {
    float x;
    if (SUMS == 0) x = floats[i];
    else x = factor[i] * static_cast<float>((SUMS == 2 ? 2 * integers[i] + window : integers[i]) + constant[i]);
    x = (x + bias[i] - center[i]) * scale[i] + shift[i];
    x = activated<ACT>(x, own);
    if (ACT >= kUnit) codes[i] = static_cast<uint8_t>(static_cast<int32_t>(x));
    else values[i] = x;
  }
}

template <int ACT>
void finishSums(const Tail& t, const ChannelNumbers& n, const void* sums, int32_t window, int count, uint8_t* to) {
  switch (t.sums) {
    case 0: return finishWith<ACT, 0>(t, n, sums, window, count, to);
    case 1: return finishWith<ACT, 1>(t, n, sums, window, count, to);
    default: return finishWith<ACT, 2>(t, n, sums, window, count, to);
  }
}

void finishChunk(const Tail& t, const ChannelNumbers& n, const void* sums, int32_t window, int count, uint8_t* to) {
  switch (t.act) {
    case kRelu: return finishSums<kRelu>(t, n, sums, window, count, to);
    case kRelu6: return finishSums<kRelu6>(t, n, sums, window, count, to);
    case kLeakyRelu: return finishSums<kLeakyRelu>(t, n, sums, window, count, to);
    case kUnit: return finishSums<kUnit>(t, n, sums, window, count, to);
    case kSignedUnit: return finishSums<kSignedUnit>(t, n, sums, window, count, to);
    case kUnitSign: return finishSums<kUnitSign>(t, n, sums, window, count, to);
    case kStep: return finishSums<kStep>(t, n, sums, window, count, to);
    case kSign: return finishSums<kSign>(t, n, sums, window, count, to);
    case kTernary: return finishSums<kTernary>(t, n, sums, window, count, to);
    default: return finishSums<kIdentity>(t, n, sums, window, count, to);
  }
}

// Up to kChunk integer sums as codes: the numbers of thresholds that they exceed (src/runtime/kernels/thresholds.ts).
template <int COUNT, bool ARE_HALVED>
void countExceeded(const int32_t* __restrict sums, int32_t window, const int32_t* __restrict numbers, size_t step, int count,
                   uint8_t* __restrict to) {
  const int32_t *first = numbers + step, *second = first + step, *third = second + step;
  int32_t codes[kChunk];
  for (int i = 0; i < count; i++) {
    const int32_t x = (ARE_HALVED ? 2 * sums[i] + window : sums[i]) ^ numbers[i];
    int32_t code = x > first[i];
    if (COUNT > 1) code += x > second[i];
    if (COUNT > 2) code += x > third[i];
    codes[i] = code;
  }
  for (int i = 0; i < count; i++) to[i] = static_cast<uint8_t>(codes[i]);
}

template <int COUNT>
void countThresholds(const Tail& t, const int32_t* sums, int32_t window, const int32_t* numbers, int count, uint8_t* to) {
  const size_t step = static_cast<size_t>(t.channels);
  for (int from = 0; from < count; from += kChunk) {
    const int some = std::min(kChunk, count - from);
    if (t.sums == 2) countExceeded<COUNT, true>(sums + from, window, numbers + from, step, some, to + from);
    else countExceeded<COUNT, false>(sums + from, window, numbers + from, step, some, to + from);
  }
}

// `count` channels of a row from `first` on: sums -> to.
void finishChannels(const Memory& m, const Tail& t, const void* sums, int32_t window, int first, int count,
                    uint8_t* to) {
  const auto* own = static_cast<const int32_t*>(sums);
  if (t.act == kRequantize) return requantize(Requantizer(m, t, first), own, count, to);
  if (const int32_t* numbers = m.at<int32_t>(t.thresholds)) {
    switch (t.thresholdCount) {
      case 1: return countThresholds<1>(t, own, window, numbers + first, count, to);
      case 2: return countThresholds<2>(t, own, window, numbers + first, count, to);
      default: return countThresholds<3>(t, own, window, numbers + first, count, to);
    }
  }
  const int size = t.isCodes ? 1 : 4;
  for (int from = 0; from < count; from += kChunk)
    finishChunk(t, numbersFrom(m, t, first + from), own + from, window, std::min(kChunk, count - from), to + from * size);
}

// The numbers of a few channels, again and again.
struct RepeatedNumbers {
  RepeatedNumbers(const Memory& m, const Tail& t, int channels) {
    const ChannelNumbers own = numbersFrom(m, t, 0);
    for (int i = 0; i < kChunk; i++) {
      const int c = i % channels;
      constant[i] = own.constant[c];
      factor[i] = own.factor[c];
      bias[i] = own.bias[c];
      center[i] = own.center[c];
      scale[i] = own.scale[c];
      shift[i] = own.shift[c];
    }
  }
  ChannelNumbers all() const { return {constant, factor, bias, center, scale, shift}; }

  int32_t constant[kChunk];
  float factor[kChunk], bias[kChunk], center[kChunk], scale[kChunk], shift[kChunk];
};

struct RepeatedMultipliers {
  RepeatedMultipliers(const Requantizer& own, int channels) {
    for (int i = 0; i < kChunk; i++) {
      const int c = i % channels;
      constant[i] = own.constant[c];
      multiplier[i] = own.multiplier[c];
      shift[i] = own.shift[c];
      before[i] = own.before ? own.before[c] : 1;
      half[i] = own.half[c];
    }
  }
  int32_t constant[kChunk], multiplier[kChunk], shift[kChunk], before[kChunk];
  int64_t half[kChunk];
};

// Rows of few channels: several of them are finished like one row.
void finishNarrowRows(const Memory& m, const Tail& t, const int32_t* sums, int rows, int channels, uint8_t* to) {
  const int width = kChunk / channels * channels, count = rows * channels, size = t.isCodes ? 1 : 4;
  if (t.act == kRequantize) {
    const Requantizer own(m, t, 0);
    const RepeatedMultipliers n(own, channels);
    const Requantizer all(own.r, n.constant, n.multiplier, n.shift, own.before ? n.before : nullptr, n.half);
#ifdef QPRUNE_REQUANTIZES_ROWS
    const int whole = count / width;
    requantizeRows(all, sums, width, whole, width, to, width);
    const int left = count - whole * width;
    if (left > 0) requantize(all, sums + whole * width, left, to + whole * width);
#else
    for (int from = 0; from < count; from += width) requantize(all, sums + from, std::min(width, count - from), to + from);
#endif
    return;
  }
  const RepeatedNumbers numbers(m, t, channels);
  for (int from = 0; from < count; from += width)
    finishChunk(t, numbers.all(), sums + from, 0, std::min(width, count - from), to + from * size);
}

// Codes [2, half] -> [half, 2].
inline void interleave(const uint8_t* __restrict from, int half, uint8_t* __restrict to) {
  const uint8_t* __restrict others = from + half;
  for (int i = 0; i < half; i++) {
    to[2 * i] = from[i];
    to[2 * i + 1] = others[i];
  }
}

// Moves the channels of a row to their positions. The scratch has room for two rows.
void shuffleRow(const Tail& t, const int32_t* positions, uint8_t* row, uint8_t* to) {
  if (t.interleavings > 0) {
    uint8_t* other = row + t.channels;
    for (int left = t.interleavings; left > 1; left--) {
      interleave(row, t.channels / 2, other);
      std::swap(row, other);
    }
    interleave(row, t.channels / 2, to);
  } else if (t.isCodes) {
    for (int c = 0; c < t.channels; c++) to[positions[c]] = row[c];
  } else {
    for (int c = 0; c < t.channels; c++) std::memcpy(to + 4 * positions[c], row + 4 * c, 4);
  }
}

// Rows of sums [rows, groups, columns] -> rows of outputs.
void finishRows(const Memory& m, const Tail& t, const int32_t* sums, int rows, int groups, int filters, int columns,
                uint8_t* to) {
  const int size = t.isCodes ? 1 : 4;
  const int32_t* positions = m.at<int32_t>(t.positions);
  const bool isNarrow = groups == 1 && columns == filters && 2 * filters <= kChunk && t.sums != 2;
  if (isNarrow && !positions && rows > 1) return finishNarrowRows(m, t, sums, rows, filters, to);
#ifdef QPRUNE_REQUANTIZES_ROWS
  if (t.act == kRequantize && !positions) {
    for (int group = 0; group < groups; group++)
      requantizeRows(Requantizer(m, t, group * filters), sums + static_cast<size_t>(group) * columns,
                     static_cast<size_t>(groups) * columns, rows, filters, to + group * filters, t.channels);
    return;
  }
#endif
  uint8_t* own = positions ? scratch().row.room<uint8_t>(2 * static_cast<size_t>(t.channels) * size) : nullptr;
  for (int row = 0; row < rows; row++, to += static_cast<size_t>(t.channels) * size) {
    uint8_t* place = positions ? own : to;
    for (int group = 0; group < groups; group++, sums += columns)
      finishChannels(m, t, sums, t.sums == 2 ? sums[filters] : 0, group * filters, filters,
                     place + static_cast<size_t>(group) * filters * size);
    if (positions) shuffleRow(t, positions, own, to);
  }
}

void finishValues(const Memory& m, const Tail& t, const float* from, uint8_t* to, int32_t positions) {
  const size_t outBytes = static_cast<size_t>(t.channels) * (t.isCodes ? 1 : 4);
  parallelFor(threadPool(), positions, 64, [&](int64_t begin, int64_t end, int) {
    finishRows(m, t, reinterpret_cast<const int32_t*>(from + begin * t.channels), static_cast<int>(end - begin), 1,
               t.channels, t.channels, to + begin * outBytes);
  });
}

// Floats as codes; grid: 1 / scale, zero, largest code. Two loops, each of which the compiler vectorizes.
void quantizeValues(const float* grid, const float* from, uint8_t* to, int32_t count) {
  const float inverse = grid[0], zero = grid[1], top = grid[2];
  parallelFor(threadPool(), (count + kChunk - 1) / kChunk, 64, [&](int64_t begin, int64_t end, int) {
    int32_t codes[kChunk];
    for (int64_t chunk = begin; chunk < end; chunk++) {
      const int some = std::min<int>(kChunk, count - static_cast<int32_t>(chunk) * kChunk);
      const float* __restrict x = from + chunk * kChunk;
      uint8_t* __restrict y = to + chunk * kChunk;
      for (int i = 0; i < some; i++) {
        float code = __builtin_rintf(x[i] * inverse) + zero;
        code = code < 0 ? 0 : code;
        codes[i] = static_cast<int32_t>(code > top ? top : code);
      }
      for (int i = 0; i < some; i++) y[i] = static_cast<uint8_t>(codes[i]);
    }
  });
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
