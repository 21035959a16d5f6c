// Memory that follows what is read or written, fetched into the cache ahead of time: the processor's own prefetching stops at the
// end of a page of memory, so that it comes too late for passes that do little with each value.
#pragma once

#include <cstdint>

#include "multiversion.h"

namespace qprune {

// Bytes between what is used and what is fetched: four pages.
constexpr int64_t kFetchedAhead = 16384;
constexpr int64_t kLineBytes = 64;

QPRUNE_INLINE void fetchAhead(const void* place) {
  __builtin_prefetch(static_cast<const char*>(place) + kFetchedAhead);
}

// What is ahead of `bytes` bytes that are read.
QPRUNE_INLINE void fetchBytesAhead(const void* first, int64_t bytes) {
  for (int64_t at = 0; at < bytes; at += kLineBytes) fetchAhead(static_cast<const char*>(first) + at);
}

// What is ahead of `bytes` bytes that are written.
QPRUNE_INLINE void claimBytesAhead(void* first, int64_t bytes) {
  for (int64_t at = 0; at < bytes; at += kLineBytes)
    __builtin_prefetch(static_cast<char*>(first) + at + kFetchedAhead, 1);
}

QPRUNE_INLINE void fetchRowAhead(const float* row, int64_t count) {
  fetchBytesAhead(row, count * static_cast<int64_t>(sizeof(float)));
}

}  // namespace qprune
