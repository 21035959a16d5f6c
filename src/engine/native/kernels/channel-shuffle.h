// Channel shuffle: the channels of each position (the last axis) permuted across groups.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bf16/bf16.h"
#include "multiversion.h"
#include "threads/parallel.h"

namespace qprune {

// source[i] is the input channel that output channel i takes: i = j groups + g takes g (channels / groups) + j.
inline void shuffleSource(int64_t channels, int64_t groups, int32_t* source) {
  const int64_t perGroup = channels / groups;
  for (int64_t g = 0; g < groups; g++)
    for (int64_t j = 0; j < perGroup; j++) source[j * groups + g] = static_cast<int32_t>(g * perGroup + j);
}

template <class T>
QPRUNE_INLINE void gatherRow(const T* __restrict from, const int32_t* __restrict source,
                             float* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] = toFloat(from[source[i]]);
}

size_t channelShuffleScratchBytes(int64_t channels);

// x, y: [rows, channels].
void channelShuffle(const float* x, float* y, int64_t rows, int64_t channels, int64_t groups, void* scratch,
                    Parallel& parallel);

}  // namespace qprune
