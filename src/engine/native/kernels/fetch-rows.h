// Rows that follow each other in memory, fetched into the cache before they are read: the processor's own prefetching stops at
// the end of a page of memory, so that it comes too late for passes that do little with each value.
#pragma once

#include <cstdint>

#include "multiversion.h"

namespace qprune {

// Values between one that is read and one that is fetched: four pages.
constexpr int64_t kFetchedAhead = 4096;

QPRUNE_INLINE void fetchAhead(const float* value) { __builtin_prefetch(value + kFetchedAhead); }

// What is ahead of a row of `count` values.
QPRUNE_INLINE void fetchRowAhead(const float* row, int64_t count) {
  constexpr int64_t kLine = 16;
  for (int64_t i = 0; i < count; i += kLine) fetchAhead(row + i);
}

}  // namespace qprune
