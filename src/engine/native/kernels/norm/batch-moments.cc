// Batch statistics: the moments of blocks in float, joined in double precision.
#include "batch-moments.h"

#include "../multiversion.h"
#include "../scratch.h"
#include "wide-rows.h"

namespace qprune {
namespace {

struct Layout {
  Layout(const Rows& rows, int threads, Scratch& scratch)
      : blocks(scratch.take<float>(RowBlocks(rows).count * 2 * rows.channels)),
        mean(scratch.take<double>(rows.channels)),
        squares(scratch.take<double>(rows.channels)),
        wideMean(scratch.takePerThread<float>(WideRows(rows.channels, false).values(), threads)),
        wideSums(scratch.takePerThread<float>(WideRows(rows.channels, false).values(), threads)) {}
  float* blocks;  // [blocks, 2, channels]: mean, sum of squared deviations
  double *mean, *squares;
  PerThread<float> wideMean, wideSums;  // of a wide row
};

template <class T>
QPRUNE_INLINE void addAll(const T* __restrict x, int64_t rows, int64_t values, float* __restrict sums) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < values; i++) sums[i] += toFloat(x[row * values + i]);
}

template <class T>
QPRUNE_INLINE void addAllSquares(const T* __restrict x, int64_t rows, int64_t values, const float* __restrict mean,
                                 float* __restrict sums) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < values; i++) {
      const float deviation = toFloat(x[row * values + i]) - mean[i];
      sums[i] += deviation * deviation;
    }
}

#define DEFINE_FOR(T)                                                                                                 \
  QPRUNE_CLONES void addRows(const T* x, int64_t rows, int64_t values, float* sums) { addAll(x, rows, values, sums); } \
  QPRUNE_CLONES void addSquares(const T* x, int64_t rows, int64_t values, const float* mean, float* sums) {           \
    addAllSquares(x, rows, values, mean, sums);                                                                       \
  }

DEFINE_FOR(float)
DEFINE_FOR(Bf16)

// Mean and sum of squared deviations of each channel within one block. wideMean, wideSums: buffers of a wide row.
template <class T>
void blockMoments(const T* x, int64_t rows, const WideRows& wide, float* mean, float* squares, float* wideMean,
                  float* wideSums) {
  std::fill(wideSums, wideSums + wide.values(), 0.0f);
  wide.forAll(rows, [&](int64_t first, int64_t count, int64_t values) { addRows(x + first, count, values, wideSums); });
  wide.addUp(wideSums, mean);
  const float inverse = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < wide.channels; c++) mean[c] *= inverse;
  wide.repeat(mean, wideMean);
  std::fill(wideSums, wideSums + wide.values(), 0.0f);
  wide.forAll(rows, [&](int64_t first, int64_t count, int64_t values) {
    addSquares(x + first, count, values, wideMean, wideSums);
  });
  wide.addUp(wideSums, squares);
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

size_t batchMomentsScratchBytes(const Rows& rows, const Parallel& parallel) {
  return bytesOf<Layout>(rows, parallel.threads());
}

void batchMoments(const Rows& rows, const Values& x, const Moments& moments, void* scratch, Parallel& parallel) {
  const RowBlocks blocks(rows);
  const int64_t channels = rows.channels;
  const WideRows wide(channels, false);
  const auto at = layOut<Layout>(scratch, rows, parallel.threads());
  const auto rowsOf = [&](int64_t block) { return std::min(blocks.rows, rows.count - block * blocks.rows); };

  parallelFor(parallel, blocks.count, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t block = begin; block < end; block++) {
      float* to = at.blocks + block * 2 * channels;
      const int64_t count = rowsOf(block);
      const auto momentsOf = [&](const auto* values) {
        blockMoments(values + block * blocks.rows * channels, count, wide, to, to + channels, at.wideMean.of(thread),
                     at.wideSums.of(thread));
      };
      if (x.isFloat())
        momentsOf(static_cast<const float*>(x.data));
      else
        momentsOf(static_cast<const Bf16*>(x.data));
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
