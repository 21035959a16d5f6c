// The permutation of a channel shuffle, and rows copied through it.
#pragma once

#include <cstdint>
#include <vector>

#include "op-kit.h"

namespace qprune {

// source[i] is the input channel that output channel i takes: i = j groups + g <- g (count / groups) + j.
inline std::vector<int32_t> shuffleSource(int64_t count, int64_t groups) {
  std::vector<int32_t> source(count);
  const int64_t perGroup = count / groups;
  for (int64_t g = 0; g < groups; g++)
    for (int64_t j = 0; j < perGroup; j++) source[j * groups + g] = static_cast<int32_t>(g * perGroup + j);
  return source;
}

QPRUNE_INLINE void gatherRow(const float* __restrict from, const int32_t* __restrict source,
                             float* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] = from[source[i]];
}

}  // namespace qprune
