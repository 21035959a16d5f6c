// A standing pool of threads for the row loops of the ops.
#pragma once

#include <cstdint>
#include <functional>

namespace qprune {

// Number of threads that parallelFor uses, the calling one included.
int threadCount();

// Calls body(begin, end) on disjoint ranges that cover [0, count), on several threads, and returns when
// all are done. A range is never shorter than `grain` unless it is the last. How the ranges are cut must
// not change a result: reductions across rows go by fixed blocks (see forBlocks in batch-norm.cc).
void parallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

}  // namespace qprune
