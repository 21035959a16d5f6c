// The batch statistics of batch norm: mean and variance of each channel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../bf16/stored-values.h"
#include "../threads/parallel.h"

namespace qprune {

// The positions n h w of the images as rows, with their channels adjacent: [count, channels].
struct Rows {
  int64_t count, channels;
};

// Reductions go block by block, and the shape alone determines the blocks, so that the result is the same for any
// number of threads. A block of about 64 KiB is still in the cache when it is read a second time.
struct RowBlocks {
  explicit RowBlocks(const Rows& rows)
      : rows(std::max<int64_t>(1, 16384 / rows.channels)), count((rows.count + this->rows - 1) / this->rows) {}
  int64_t rows, count;
};

// Each array: [channels].
struct Moments {
  float* mean;
  float* variance;  // biased, sum of squared deviations / count
  float* unbiased;  // the same / (count - 1)
};

size_t batchMomentsScratchBytes(const Rows& rows, const Parallel& parallel);

// x: [count, channels].
void batchMoments(const Rows& rows, const Values& x, const Moments& moments, void* scratch, Parallel& parallel);

// The running mean and unbiased variance before and after a batch. Each array: [channels].
struct RunningMoments {
  const float *oldMean, *oldVariance;
  const float* bias;  // added to the mean of the batch, [channels]
  float oldWeight, newWeight;
  float *mean, *variance;
};

// running = oldWeight old + newWeight new.
void moveRunningMoments(const Moments& moments, int64_t channels, const RunningMoments& running);

}  // namespace qprune
