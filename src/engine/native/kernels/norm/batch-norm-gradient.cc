// The backward pass of batch norm, addition, activation and channel shuffle.
#include <algorithm>
#include <cmath>

#include "../activation/activation-loops.h"
#include "batch-norm.h"
#include "../channel-shuffle.h"
#include "../fetch-rows.h"
#include "../scratch.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

struct Layout {
  Layout(const NormActivate& op, int threads, Scratch& scratch) {
    const int64_t channels = op.rows.channels;
    scale = scratch.take<float>(channels);
    blocks = scratch.take<float>(RowBlocks(op.rows).count * 2 * channels);
    sums = scratch.take<double>(2 * channels);
    meanGradient = scratch.take<float>(channels);
    centeredSlope = scratch.take<float>(channels);
    dNorm = scratch.takePerThread<float>(channels, threads);
    if (op.shuffleGroups > 1) destination = scratch.take<int32_t>(channels);
  }
  float* scale;            // of the norm
  float* blocks;           // [blocks, 2, channels]: sums of dNorm and of dNorm (x - mean)
  double* sums;            // [2, channels]: the same over all blocks
  float* meanGradient;     // mean of dNorm
  float* centeredSlope;    // mean of dNorm (x - mean), over the variance
  PerThread<float> dNorm;  // the gradient with respect to the norm's output, for one row
  int32_t* destination = nullptr;  // of each channel before the shuffle; null without a shuffle
};

struct GradientInputs {
  const float* dy;
  const float* x;
  const float* addend;  // null: nothing is added
  Affine affine;
  const int32_t* destination;
};

// Gradient with respect to the norm's output, which is also that of the addend, for one row.
template <class F>
QPRUNE_INLINE void rowGradient(const F& f, const GradientInputs& in, int64_t row, int64_t channels,
                               float* __restrict dNorm) {
  const float* __restrict x = in.x + row * channels;
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  const float* __restrict shift = in.affine.shift;
  const float* __restrict dy = in.dy + row * channels;
  fetchRowAhead(x, channels);
  fetchRowAhead(dy, channels);
  if (in.addend) fetchRowAhead(in.addend + row * channels, channels);
  if (in.destination) {
    gatherRow(dy, in.destination, dNorm, channels);
    if (in.addend) {
      const float* __restrict added = in.addend + row * channels;
      for (int64_t c = 0; c < channels; c++)
        dNorm[c] = f.slope((x[c] - center[c]) * scale[c] + shift[c] + added[c]) * dNorm[c];
    } else {
      for (int64_t c = 0; c < channels; c++)
        dNorm[c] = f.slope((x[c] - center[c]) * scale[c] + shift[c]) * dNorm[c];
    }
  } else if (in.addend) {
    const float* __restrict added = in.addend + row * channels;
    for (int64_t c = 0; c < channels; c++)
      dNorm[c] = f.slope((x[c] - center[c]) * scale[c] + shift[c] + added[c]) * dy[c];
  } else {
    for (int64_t c = 0; c < channels; c++)
      dNorm[c] = f.slope((x[c] - center[c]) * scale[c] + shift[c]) * dy[c];
  }
}

// Sums over one block of dNorm and of dNorm (x - mean). dAddend: takes dNorm, [count, channels]; null if nothing is added.
template <class F>
QPRUNE_INLINE void gradientSums(const Activation& a, const GradientInputs& in, int64_t begin, int64_t end,
                                int64_t channels, float* __restrict sums, float* dAddend, float* oneRow) {
  const F f(a);
  float* __restrict plain = sums;
  float* __restrict centered = sums + channels;
  const float* __restrict center = in.affine.center;
  std::fill(sums, sums + 2 * channels, 0.0f);
  for (int64_t row = begin; row < end; row++) {
    float* __restrict dNorm = dAddend ? dAddend + row * channels : oneRow;
    rowGradient(f, in, row, channels, dNorm);
    const float* __restrict x = in.x + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      plain[c] += dNorm[c];
      centered[c] += dNorm[c] * (x[c] - center[c]);
    }
  }
}

// dx = scale (dNorm - meanGradient - (x - mean) centeredSlope), for one range of rows. dAddend: dNorm from before, or null.
template <class F>
QPRUNE_INLINE void gradientRows(const Activation& a, const GradientInputs& in, int64_t begin, int64_t end,
                                int64_t channels, const float* __restrict meanGradient,
                                const float* __restrict centeredSlope, float* dx, const float* dAddend,
                                float* oneRow) {
  const F f(a);
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  for (int64_t row = begin; row < end; row++) {
    if (!dAddend) rowGradient(f, in, row, channels, oneRow);
    const float* __restrict dNorm = dAddend ? dAddend + row * channels : oneRow;
    const float* __restrict x = in.x + row * channels;
    float* __restrict out = dx + row * channels;
    for (int64_t c = 0; c < channels; c++)
      out[c] = scale[c] * (dNorm[c] - meanGradient[c] - (x[c] - center[c]) * centeredSlope[c]);
  }
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientSums,
                              (const Activation& a, const GradientInputs& in, int64_t begin, int64_t end,
                               int64_t channels, float* sums, float* dAddend, float* row),
                              (a, in, begin, end, channels, sums, dAddend, row))
QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientRows,
                              (const Activation& a, const GradientInputs& in, int64_t begin, int64_t end,
                               int64_t channels, const float* meanGradient, const float* centeredSlope,
                               float* dx, const float* dAddend, float* row),
                              (a, in, begin, end, channels, meanGradient, centeredSlope, dx, dAddend, row))

// Adds the blocks up in double precision and derives the gradients of gamma and beta and the means of dx.
void joinSums(const NormActivate& op, const BatchNorm& norm, const BatchNormGradients& gradients,
              const Layout& at) {
  const int64_t channels = op.rows.channels, blockCount = RowBlocks(op.rows).count;
  const auto rows = static_cast<double>(op.rows.count);
  double* sums = at.sums;
  std::fill(sums, sums + 2 * channels, 0.0);
  for (int64_t block = 0; block < blockCount; block++)
    for (int64_t c = 0; c < 2 * channels; c++) sums[c] += at.blocks[block * 2 * channels + c];
  for (int64_t c = 0; c < channels; c++) {
    const double inverseDeviation = 1.0 / std::sqrt(static_cast<double>(norm.variance[c]) + norm.epsilon);
    gradients.dBeta[c] = static_cast<float>(sums[c]);
    gradients.dGamma[c] = static_cast<float>(sums[channels + c] * inverseDeviation);
    at.meanGradient[c] = static_cast<float>(sums[c] / rows);
    at.centeredSlope[c] =
        static_cast<float>(sums[channels + c] * inverseDeviation * inverseDeviation / rows);
  }
}

}  // namespace

size_t batchNormGradientScratchBytes(const NormActivate& op, const Parallel& parallel) {
  return bytesOf<Layout>(op, parallel.threads());
}

void batchNormGradient(const NormActivate& op, const float* dy, const float* x, const BatchNorm& norm,
                       const BatchNormGradients& gradients, void* scratch, Parallel& parallel) {
  const int64_t channels = op.rows.channels;
  const Activation& activation = op.activation;
  const auto at = layOut<Layout>(scratch, op, parallel.threads());
  batchNormScale(norm, channels, at.scale);
  // The inverse of a shuffle by g groups is the one by channels / g.
  if (at.destination) shuffleSource(channels, channels / op.shuffleGroups, at.destination);
  const GradientInputs in{dy, x, op.addend, {norm.mean, at.scale, norm.beta}, at.destination};

  const RowBlocks blocks(op.rows);
  parallelFor(parallel, blocks.count, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t block = begin; block < end; block++)
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientSums, activation, in, block * blocks.rows,
                                 std::min(op.rows.count, (block + 1) * blocks.rows), channels,
                                 at.blocks + block * 2 * channels, gradients.dAddend, at.dNorm.of(thread))
  });
  joinSums(op, norm, gradients, at);
  const int64_t grain = std::max<int64_t>(1, kGrain / channels);
  parallelFor(parallel, op.rows.count, grain, [&](int64_t begin, int64_t end, int thread) {
    QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientRows, activation, in, begin, end, channels,
                               at.meanGradient, at.centeredSlope, gradients.dx, gradients.dAddend,
                               at.dNorm.of(thread))
  });
}

}  // namespace qprune
