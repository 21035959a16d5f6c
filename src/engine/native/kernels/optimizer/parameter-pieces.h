// How the update of several parameters is shared among threads: they count as one array, which is cut into equal ranges.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../threads/parallel.h"

namespace qprune {

// Calls body(parameter, begin, end) on disjoint ranges that cover all values of all parameters, of which `sizes` has the
// number of values.
template <class Body>
void forParameterPieces(Parallel& parallel, const int64_t* sizes, int64_t count, const Body& body) {
  constexpr int64_t kGrain = 1 << 15;
  int64_t total = 0;
  for (int64_t i = 0; i < count; i++) total += sizes[i];
  parallelFor(parallel, total, kGrain, [&](int64_t begin, int64_t end, int) {
    int64_t start = 0;
    for (int64_t i = 0; i < count && start < end; start += sizes[i], i++) {
      const int64_t from = std::max<int64_t>(begin - start, 0), to = std::min(end - start, sizes[i]);
      if (from < to) body(i, from, to);
    }
  });
}

}  // namespace qprune
