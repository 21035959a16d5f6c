// Integer sums as codes, one channel at a time.
#pragma once

#include "structures.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Integer sums as codes: products with multipliers, rounded once, halves up.
struct Requantizer {
  Requantizer(const Memory& m, const Tail& t, int first)
      : r(*m.at<Requantization>(t.requantization)),
        constant(m.at<int32_t>(t.constant) + first),
        multiplier(m.at<int32_t>(r.multiplier) + first),
        shift(m.at<int32_t>(r.shift) + first),
        before(r.before ? m.at<int32_t>(r.before) + first : nullptr),
        half(m.at<int64_t>(r.half) + first) {}
  // With the numbers of other channels.
  Requantizer(const Requantization& r, const int32_t* constant, const int32_t* multiplier, const int32_t* shift,
              const int32_t* before, const int64_t* half)
      : r(r), constant(constant), multiplier(multiplier), shift(shift), before(before), half(half) {}
  const Requantization r;
  const int32_t* __restrict constant;
  const int32_t* __restrict multiplier;
  const int32_t* __restrict shift;
  const int32_t* __restrict before;
  const int64_t* __restrict half;

  // The channels [from, count), one by one.
  void run(const int32_t* __restrict sums, int from, int count, uint8_t* __restrict to) const {
    for (int i = from; i < count; i++) {
      int32_t sum = sums[i] + constant[i];
      if (before) sum *= before[i];
      const int64_t wide = static_cast<int64_t>(sum) * multiplier[i] + half[i];
      int32_t code = static_cast<int32_t>(wide >> shift[i]) + r.zero;
      code = code < r.low ? r.low : code;
      to[i] = static_cast<uint8_t>(code > r.high ? r.high : code);
    }
  }
};

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
