// QpruneNormActivateTrain: batch norm with the batch's statistics, an activation and a channel shuffle in
// one pass behind the statistics. QpruneNormActivateAgain: its output once more. QpruneNormActivateGrad: its gradient, which computes the norm's output
// again instead of keeping it. QpruneAffineActivate: the same with fixed scale and shift, for inference.
// Rows are the n h w positions, channels lie side by side.
#include <algorithm>
#include <cmath>
#include <vector>

#include "activation.h"
#include "channel-shuffle.h"
#include "parallel.h"

namespace qprune {
namespace {

// Reductions go block by block, and blocks are cut by the shape alone: the result is the same for any
// number of threads. A block of about 64 KiB stays in the cache for its second reading.
int64_t rowsPerBlock(int64_t channels) { return std::max<int64_t>(1, 16384 / channels); }

// ---- statistics ----

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

// Joins the blocks' moments in double precision (Chan, Golub & LeVeque 1983, eq. 2.1).
QPRUNE_CLONES void joinMoments(const float* blocks, int64_t blockCount, int64_t blockRows, int64_t rows,
                               int64_t channels, float* mean, float* variance, float* unbiased) {
  std::vector<double> joinedMean(channels, 0.0), joinedSquares(channels, 0.0);
  int64_t seen = 0;
  for (int64_t block = 0; block < blockCount; block++) {
    const int64_t count = std::min(blockRows, rows - block * blockRows);
    const float* blockMean = blocks + block * 2 * channels;
    const float* blockSquares = blockMean + channels;
    const double weight = static_cast<double>(count) / static_cast<double>(seen + count);
    for (int64_t c = 0; c < channels; c++) {
      const double delta = blockMean[c] - joinedMean[c];
      joinedMean[c] += delta * weight;
      joinedSquares[c] += blockSquares[c] + delta * delta * weight * static_cast<double>(seen);
    }
    seen += count;
  }
  for (int64_t c = 0; c < channels; c++) {
    mean[c] = static_cast<float>(joinedMean[c]);
    variance[c] = static_cast<float>(joinedSquares[c] / static_cast<double>(rows));
    unbiased[c] = static_cast<float>(joinedSquares[c] / static_cast<double>(std::max<int64_t>(rows - 1, 1)));
  }
}

// ---- forward ----

struct Affine {
  const float* center;  // subtracted first
  const float* scale;
  const float* shift;
};

template <class A>
QPRUNE_INLINE void normRows(const ActivationNumbers& n, const float* x, const Affine& affine,
                            const int32_t* source, float* y, int64_t rows, int64_t channels,
                            float* scratch) {
  const A activation(n);
  const float* __restrict center = affine.center;
  const float* __restrict scale = affine.scale;
  const float* __restrict shift = affine.shift;
  for (int64_t row = 0; row < rows; row++) {
    const float* __restrict in = x + row * channels;
    float* __restrict out = source ? scratch : y + row * channels;
    for (int64_t c = 0; c < channels; c++)
      out[c] = activation.value((in[c] - center[c]) * scale[c] + shift[c]);
    if (source) gatherRow(scratch, source, y + row * channels, channels);
  }
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(normRows,
                              (const ActivationNumbers& n, const float* x, const Affine& affine,
                               const int32_t* source, float* y, int64_t rows, int64_t channels,
                               float* scratch),
                              (n, x, affine, source, y, rows, channels, scratch))

void normActivate(const ActivationAttributes& activation, int64_t shuffleGroups, const float* x,
                  const Affine& affine, float* y, int64_t rows, int64_t channels) {
  std::vector<int32_t> source;
  if (shuffleGroups > 1) source = shuffleSource(channels, shuffleGroups);
  parallelFor(rows, std::max<int64_t>(1, 32768 / channels), [&](int64_t begin, int64_t end) {
    std::vector<float> scratch(source.empty() ? 0 : channels);
    QPRUNE_CALL_FOR_ACTIVATION(activation.kind, normRows, activation.numbers, x + begin * channels,
                               affine, source.empty() ? nullptr : source.data(), y + begin * channels,
                               end - begin, channels, scratch.data())
  });
}

void scales(const float* gamma, const float* variance, float epsilon, int64_t channels,
            std::vector<float>& scale) {
  scale.resize(channels);
  for (int64_t c = 0; c < channels; c++) scale[c] = gamma[c] * (1.0f / std::sqrt(variance[c] + epsilon));
}

struct NormAttributes {
  explicit NormAttributes(const Attributes& a)
      : activation(a), epsilon(a.real("epsilon")), shuffleGroups(a.integer("shuffle_groups")) {}
  ActivationAttributes activation;
  float epsilon;
  int64_t shuffleGroups;
};

struct NormActivateTrain : NormAttributes {
  using NormAttributes::NormAttributes;
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t channels = shape.back();
    const int64_t rows = elementCount(shape) / channels;
    const float* x = run.input(0);
    const float* gamma = run.input(1);
    const float* beta = run.input(2);
    float* y = run.output(0, shape);
    float* mean = run.output(1, {channels});
    float* variance = run.output(2, {channels});
    float* unbiased = run.output(3, {channels});
    const int64_t blockRows = rowsPerBlock(channels);
    const int64_t blockCount = (rows + blockRows - 1) / blockRows;
    std::vector<float> blocks(blockCount * 2 * channels);
    parallelFor(blockCount, 1, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++)
        blockMoments(x + block * blockRows * channels, std::min(blockRows, rows - block * blockRows),
                     channels, &blocks[block * 2 * channels], &blocks[block * 2 * channels + channels]);
    });
    joinMoments(blocks.data(), blockCount, blockRows, rows, channels, mean, variance, unbiased);
    std::vector<float> scale;
    scales(gamma, variance, epsilon, channels, scale);
    normActivate(activation, shuffleGroups, x, {mean, scale.data(), beta}, y, rows, channels);
  }
};

struct NormActivateAgain : NormAttributes {
  using NormAttributes::NormAttributes;
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t channels = shape.back();
    const float* x = run.input(0);
    std::vector<float> scale;
    scales(run.input(1), run.input(4), epsilon, channels, scale);
    const Affine affine{run.input(3), scale.data(), run.input(2)};
    float* y = run.output(0, shape);
    normActivate(activation, shuffleGroups, x, affine, y, elementCount(shape) / channels, channels);
  }
};

struct AffineActivate {
  explicit AffineActivate(const Attributes& a)
      : activation(a), shuffleGroups(a.integer("shuffle_groups")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t channels = shape.back();
    const float* x = run.input(0);
    const Affine affine{run.input(1), run.input(2), run.input(3)};
    float* y = run.output(0, shape);
    normActivate(activation, shuffleGroups, x, affine, y, elementCount(shape) / channels, channels);
  }
  ActivationAttributes activation;
  int64_t shuffleGroups;
};

// ---- gradient ----

struct GradientInputs {
  const float* dy;
  const float* x;
  Affine affine;
  const int32_t* destination;  // where channel c of the norm went in dy; null without a shuffle
};

// Gradient with respect to the norm's output, for one row.
template <class A>
QPRUNE_INLINE void rowGradient(const A& activation, const GradientInputs& in, int64_t row,
                               int64_t channels, float* __restrict dNorm) {
  const float* __restrict x = in.x + row * channels;
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  const float* __restrict shift = in.affine.shift;
  const float* __restrict dy = in.dy + row * channels;
  if (in.destination) {
    gatherRow(dy, in.destination, dNorm, channels);
    for (int64_t c = 0; c < channels; c++)
      dNorm[c] = activation.slope((x[c] - center[c]) * scale[c] + shift[c]) * dNorm[c];
  } else {
    for (int64_t c = 0; c < channels; c++)
      dNorm[c] = activation.slope((x[c] - center[c]) * scale[c] + shift[c]) * dy[c];
  }
}

// Sums over one block of dNorm and of dNorm (x - mean).
template <class A>
QPRUNE_INLINE void gradientSums(const ActivationNumbers& n, const GradientInputs& in, int64_t begin,
                                int64_t end, int64_t channels, float* __restrict sums,
                                float* __restrict dNorm) {
  const A activation(n);
  float* __restrict plain = sums;
  float* __restrict centered = sums + channels;
  const float* __restrict center = in.affine.center;
  std::fill(sums, sums + 2 * channels, 0.0f);
  for (int64_t row = begin; row < end; row++) {
    rowGradient(activation, in, row, channels, dNorm);
    const float* __restrict x = in.x + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      plain[c] += dNorm[c];
      centered[c] += dNorm[c] * (x[c] - center[c]);
    }
  }
}

// dx = scale (dNorm - meanPlain - (x - mean) slopeCentered), for one range of rows.
template <class A>
QPRUNE_INLINE void gradientRows(const ActivationNumbers& n, const GradientInputs& in, int64_t begin,
                                int64_t end, int64_t channels, const float* __restrict meanPlain,
                                const float* __restrict slopeCentered, float* dx,
                                float* __restrict dNorm) {
  const A activation(n);
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  for (int64_t row = begin; row < end; row++) {
    rowGradient(activation, in, row, channels, dNorm);
    const float* __restrict x = in.x + row * channels;
    float* __restrict out = dx + row * channels;
    for (int64_t c = 0; c < channels; c++)
      out[c] = scale[c] * (dNorm[c] - meanPlain[c] - (x[c] - center[c]) * slopeCentered[c]);
  }
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientSums,
                              (const ActivationNumbers& n, const GradientInputs& in, int64_t begin,
                               int64_t end, int64_t channels, float* sums, float* dNorm),
                              (n, in, begin, end, channels, sums, dNorm))
QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientRows,
                              (const ActivationNumbers& n, const GradientInputs& in, int64_t begin,
                               int64_t end, int64_t channels, const float* meanPlain,
                               const float* slopeCentered, float* dx, float* dNorm),
                              (n, in, begin, end, channels, meanPlain, slopeCentered, dx, dNorm))

struct NormActivateGrad : NormAttributes {
  using NormAttributes::NormAttributes;
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const int64_t channels = shape.back();
    const int64_t rows = elementCount(shape) / channels;
    const float* gamma = run.input(2);
    const float* beta = run.input(3);
    const float* mean = run.input(4);
    const float* variance = run.input(5);
    std::vector<float> scale;
    scales(gamma, variance, epsilon, channels, scale);
    std::vector<int32_t> destination;
    if (shuffleGroups > 1) destination = shuffleSource(channels, channels / shuffleGroups);
    const GradientInputs in{run.input(0), run.input(1), {mean, scale.data(), beta},
                            destination.empty() ? nullptr : destination.data()};
    float* dx = run.output(0, shape);
    float* dGamma = run.output(1, {channels});
    float* dBeta = run.output(2, {channels});

    const int64_t blockRows = rowsPerBlock(channels);
    const int64_t blockCount = (rows + blockRows - 1) / blockRows;
    std::vector<float> blocks(blockCount * 2 * channels);
    parallelFor(blockCount, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(channels);
      for (int64_t block = begin; block < end; block++)
        QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientSums, activation.numbers, in,
                                   block * blockRows, std::min(rows, (block + 1) * blockRows), channels,
                                   &blocks[block * 2 * channels], scratch.data())
    });
    std::vector<double> sums(2 * channels, 0.0);
    for (int64_t block = 0; block < blockCount; block++)
      for (int64_t c = 0; c < 2 * channels; c++) sums[c] += blocks[block * 2 * channels + c];

    std::vector<float> meanPlain(channels), slopeCentered(channels);
    for (int64_t c = 0; c < channels; c++) {
      const double inverseDeviation = 1.0 / std::sqrt(static_cast<double>(variance[c]) + epsilon);
      dBeta[c] = static_cast<float>(sums[c]);
      dGamma[c] = static_cast<float>(sums[channels + c] * inverseDeviation);
      meanPlain[c] = static_cast<float>(sums[c] / static_cast<double>(rows));
      slopeCentered[c] = static_cast<float>(sums[channels + c] * inverseDeviation * inverseDeviation /
                                            static_cast<double>(rows));
    }
    parallelFor(rows, std::max<int64_t>(1, 32768 / channels), [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(channels);
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientRows, activation.numbers, in, begin, end,
                                 channels, meanPlain.data(), slopeCentered.data(), dx, scratch.data())
    });
  }
};

const RegisterOp<NormActivateTrain> train(
    "QpruneNormActivateTrain", {"x: float", "gamma: float", "beta: float"},
    {"y: float", "mean: float", "variance: float", "unbiased: float"},
    {QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int"});
const RegisterOp<NormActivateAgain> again(
    "QpruneNormActivateAgain",
    {"x: float", "gamma: float", "beta: float", "mean: float", "variance: float"}, {"y: float"},
    {QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int"});
const RegisterOp<NormActivateGrad> grad(
    "QpruneNormActivateGrad",
    {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float", "variance: float"},
    {"dx: float", "d_gamma: float", "d_beta: float"},
    {QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int"});
const RegisterOp<AffineActivate> affine("QpruneAffineActivate",
                                        {"x: float", "center: float", "scale: float", "shift: float"},
                                        {"y: float"},
                                        {QPRUNE_ACTIVATION_ATTRIBUTES, "shuffle_groups: int"});

}  // namespace
}  // namespace qprune
