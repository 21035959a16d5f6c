// Memory that is needed soon, fetched into the cache a few lines at a time between computations.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../bf16/stored-values.h"
#include "../multiversion.h"
#include "../scratch.h"

namespace qprune {

// Some cache lines.
struct Lines {
  const char* next = nullptr;
  const char* end = nullptr;

  static Lines of(const Values& values, int64_t first, int64_t count) {
    return {static_cast<const char*>(values.at(first)), static_cast<const char*>(values.at(first + count))};
  }

  // Removes the first lines, up to `most` of them.
  Lines take(int64_t most) {
    const Lines taken{next, std::min(end, next + most * static_cast<int64_t>(kScratchAlignment))};
    next = taken.end;
    return taken;
  }

  // Fetches one line if there is any left.
  QPRUNE_INLINE void fetchOne() {
    if (next >= end) return;
    __builtin_prefetch(next, 0, 2);
    next += kScratchAlignment;
  }
};

}  // namespace qprune
