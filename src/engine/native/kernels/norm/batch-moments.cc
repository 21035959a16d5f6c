// Batch statistics: the moments of blocks in float, joined in double precision.
#include "batch-moments.h"

#include "../multiversion.h"
#include "../scratch.h"

namespace qprune {
namespace {

struct Layout {
  Layout(const Rows& rows, Scratch& scratch)
      : blocks(scratch.take<float>(RowBlocks(rows).count * 2 * rows.channels)),
        mean(scratch.take<double>(rows.channels)),
        squares(scratch.take<double>(rows.channels)) {}
  float* blocks;  // [blocks, 2, channels]: mean, sum of squared deviations
  double *mean, *squares;
};

// Mean and sum of squared deviations of each channel within one block.
QPRUNE_CLONES void blockMoments(const float* __restrict x, int64_t rows, int64_t channels,
                                float* __restrict mean, float* __restrict squares) {
  std::fill(mean, mean + channels, 0.0f);
  std::fill(squares, squares + channels, 0.0f);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t c = 0; c < channels; c++) mean[c] += x[row * channels + c];
  const float inverse = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < channels; c++) mean[c] *= inverse;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t c = 0; c < channels; c++) {
      const float deviation = x[row * channels + c] - mean[c];
      squares[c] += deviation * deviation;
    }
}

// Adds a block of `count` rows to the moments of the `seen` ones before it (Chan, Golub & LeVeque 1983, eq. 2.1).
QPRUNE_CLONES void joinBlock(const float* __restrict block, int64_t count, int64_t seen, int64_t channels,
                             double* __restrict mean, double* __restrict squares) {
  const double weight = static_cast<double>(count) / static_cast<double>(seen + count);
  for (int64_t c = 0; c < channels; c++) {
    const double delta = block[c] - mean[c];
    mean[c] += delta * weight;
    squares[c] += block[channels + c] + delta * delta * weight * static_cast<double>(seen);
  }
}

}  // namespace

size_t batchMomentsScratchBytes(const Rows& rows) { return bytesOf<Layout>(rows); }

void batchMoments(const Rows& rows, const float* x, const Moments& moments, void* scratch, Parallel& parallel) {
  const RowBlocks blocks(rows);
  const int64_t channels = rows.channels;
  const auto at = layOut<Layout>(scratch, rows);
  const auto rowsOf = [&](int64_t block) { return std::min(blocks.rows, rows.count - block * blocks.rows); };

  parallelFor(parallel, blocks.count, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < end; block++) {
      float* to = at.blocks + block * 2 * channels;
      blockMoments(x + block * blocks.rows * channels, rowsOf(block), channels, to, to + channels);
    }
  });

  std::fill(at.mean, at.mean + channels, 0.0);
  std::fill(at.squares, at.squares + channels, 0.0);
  for (int64_t block = 0; block < blocks.count; block++)
    joinBlock(at.blocks + block * 2 * channels, rowsOf(block), block * blocks.rows, channels, at.mean,
              at.squares);
  for (int64_t c = 0; c < channels; c++) {
    moments.mean[c] = static_cast<float>(at.mean[c]);
    moments.variance[c] = static_cast<float>(at.squares[c] / static_cast<double>(rows.count));
    moments.unbiased[c] =
        static_cast<float>(at.squares[c] / static_cast<double>(std::max<int64_t>(rows.count - 1, 1)));
  }
}

void moveRunningMoments(const Moments& moments, int64_t channels, const RunningMoments& running) {
  for (int64_t c = 0; c < channels; c++) {
    running.mean[c] = running.oldMean[c] * running.oldWeight + (moments.mean[c] + running.bias[c]) * running.newWeight;
    running.variance[c] = running.oldVariance[c] * running.oldWeight + moments.unbiased[c] * running.newWeight;
  }
}

}  // namespace qprune
