// The backward pass of batch norm, addition, activation and channel shuffle.
#include <algorithm>
#include <cmath>

#include "../activation/activation-loops.h"
#include "batch-norm.h"
#include "../channel-shuffle.h"
#include "../fetch-rows.h"
#include "../scratch.h"
#include "wide-rows.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

// Arrays whose rows may pass through buffers: dy, x, the addend and its gradient, dx.
constexpr int64_t kStaged = 5;

struct Layout {
  Layout(const NormActivate& op, int threads, Scratch& scratch) {
    const int64_t channels = op.rows.channels, wide = WideRows(channels, op.shuffleGroups > 1).values();
    scale = scratch.take<float>(channels);
    blocks = scratch.take<float>(RowBlocks(op.rows).count * 2 * channels);
    sums = scratch.take<double>(2 * channels);
    meanGradient = scratch.take<float>(channels);
    centeredSlope = scratch.take<float>(channels);
    for (float** numbers : {&wideCenter, &wideScale, &wideShift, &wideMeanGradient, &wideCenteredSlope})
      *numbers = scratch.take<float>(wide);
    wideSums = scratch.takePerThread<float>(2 * wide, threads);
    oneRow = scratch.takePerThread<float>(wide, threads);
    staged = scratch.takePerThread<float>(kStaged * stagedRows(channels) * channels, threads);
    if (op.shuffleGroups > 1) destination = scratch.take<int32_t>(channels);
  }
  float* scale;          // of the norm
  float* blocks;         // [blocks, 2, channels]: sums of dNorm and of dNorm (x - mean)
  double* sums;          // [2, channels]: the same over all blocks
  float* meanGradient;   // mean of dNorm
  float* centeredSlope;  // mean of dNorm (x - mean), over the variance
  float *wideCenter, *wideScale, *wideShift, *wideMeanGradient, *wideCenteredSlope;  // of a wide row
  PerThread<float> wideSums;  // those of a block, of a wide row
  PerThread<float> oneRow;    // of dy before the shuffle
  PerThread<float> staged;    // rows of all arrays that are not floats
  int32_t* destination = nullptr;  // of each channel before the shuffle; null without a shuffle
};

// Some rows.
template <class T>
struct GradientInputs {
  const T* dy;
  const T* x;
  const T* addend;  // null: nothing is added
  Affine affine;
  const int32_t* destination;
  bool isFetched;  // whether the rows are in the cache

  GradientInputs from(int64_t value) const {
    return {dy + value, x + value, addend ? addend + value : nullptr, affine, destination, isFetched};
  }
};

template <class T>
QPRUNE_INLINE void fetchRow(const GradientInputs<T>& in, int64_t row, int64_t channels) {
  if (in.isFetched) return;
  const int64_t bytes = channels * static_cast<int64_t>(sizeof(T));
  fetchBytesAhead(in.x + row * channels, bytes);
  fetchBytesAhead(in.dy + row * channels, bytes);
  if (in.addend) fetchBytesAhead(in.addend + row * channels, bytes);
}

// One row of gradientSums. dy: of the row, before the shuffle.
template <class F, class T, class D>
QPRUNE_INLINE void addRow(const F& f, const GradientInputs<T>& in, const D* __restrict dy, int64_t row, int64_t channels,
                          float* __restrict plain, float* __restrict centered, float* __restrict dNorm) {
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  const float* __restrict shift = in.affine.shift;
  const T* __restrict x = in.x + row * channels;
  if (in.addend) {
    const T* __restrict added = in.addend + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float deviation = toFloat(x[c]) - center[c];
      const float gradient = f.slope(deviation * scale[c] + shift[c] + toFloat(added[c])) * toFloat(dy[c]);
      dNorm[c] = gradient;
      plain[c] += gradient;
      centered[c] += gradient * deviation;
    }
  } else {
    for (int64_t c = 0; c < channels; c++) {
      const float deviation = toFloat(x[c]) - center[c];
      const float gradient = f.slope(deviation * scale[c] + shift[c]) * toFloat(dy[c]);
      plain[c] += gradient;
      centered[c] += gradient * deviation;
    }
  }
}

// Adds up dNorm, the gradient with respect to the norm's output (and of the addend), and dNorm (x - mean) over some rows.
// dAddend: takes dNorm, [rows, channels]; null if nothing is added.
template <class F, class T>
QPRUNE_INLINE void gradientSums(const Activation& a, const GradientInputs<T>& in, int64_t rows, int64_t channels,
                                float* plain, float* centered, float* dAddend, float* oneRow) {
  const F f(a);
  for (int64_t row = 0; row < rows; row++) {
    fetchRow(in, row, channels);
    float* dNorm = dAddend ? dAddend + row * channels : nullptr;
    const T* dy = in.dy + row * channels;
    if (in.destination) {
      gatherRow(dy, in.destination, oneRow, channels);
      addRow(f, in, oneRow, row, channels, plain, centered, dNorm);
    } else {
      addRow(f, in, dy, row, channels, plain, centered, dNorm);
    }
  }
}

// What makes dx of dNorm, for each channel.
struct GradientMeans {
  const float* meanGradient;
  const float* centeredSlope;
};

// One row of gradientRows. dy: of the row, before the shuffle.
template <class F, class T, class D>
QPRUNE_INLINE void writeRow(const F& f, const GradientInputs<T>& in, const D* __restrict dy, int64_t row, int64_t channels,
                            const GradientMeans& means, float* __restrict dx) {
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  const float* __restrict shift = in.affine.shift;
  const float* __restrict meanGradient = means.meanGradient;
  const float* __restrict centeredSlope = means.centeredSlope;
  const T* __restrict x = in.x + row * channels;
  if (in.addend) {
    const T* __restrict added = in.addend + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float deviation = toFloat(x[c]) - center[c];
      const float gradient = f.slope(deviation * scale[c] + shift[c] + toFloat(added[c])) * toFloat(dy[c]);
      dx[c] = scale[c] * (gradient - meanGradient[c] - deviation * centeredSlope[c]);
    }
  } else {
    for (int64_t c = 0; c < channels; c++) {
      const float deviation = toFloat(x[c]) - center[c];
      const float gradient = f.slope(deviation * scale[c] + shift[c]) * toFloat(dy[c]);
      dx[c] = scale[c] * (gradient - meanGradient[c] - deviation * centeredSlope[c]);
    }
  }
}

// The same if dNorm is known.
template <class T>
QPRUNE_INLINE void writeKnownRow(const GradientInputs<T>& in, const float* __restrict dNorm, int64_t row, int64_t channels,
                                 const GradientMeans& means, float* __restrict dx) {
  const float* __restrict center = in.affine.center;
  const float* __restrict scale = in.affine.scale;
  const float* __restrict meanGradient = means.meanGradient;
  const float* __restrict centeredSlope = means.centeredSlope;
  const T* __restrict x = in.x + row * channels;
  for (int64_t c = 0; c < channels; c++)
    dx[c] = scale[c] * (dNorm[c] - meanGradient[c] - (toFloat(x[c]) - center[c]) * centeredSlope[c]);
}

// dx = scale (dNorm - meanGradient - (x - mean) centeredSlope), for some rows. dAddend: dNorm from before, or null.
template <class F, class T>
QPRUNE_INLINE void gradientRows(const Activation& a, const GradientInputs<T>& in, int64_t rows, int64_t channels,
                                const GradientMeans& means, float* dx, const float* dAddend, float* oneRow) {
  const F f(a);
  for (int64_t row = 0; row < rows; row++) {
    fetchRow(in, row, channels);
    float* to = dx + row * channels;
    const T* dy = in.dy + row * channels;
    if (dAddend) {
      writeKnownRow(in, dAddend + row * channels, row, channels, means, to);
    } else if (in.destination) {
      gatherRow(dy, in.destination, oneRow, channels);
      writeRow(f, in, oneRow, row, channels, means, to);
    } else {
      writeRow(f, in, dy, row, channels, means, to);
    }
  }
}

#define DEFINE_FOR(T)                                                                                               \
  QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientSums,                                                                       \
                                (const Activation& a, const GradientInputs<T>& in, int64_t rows, int64_t channels,  \
                                 float* plain, float* centered, float* dAddend, float* row),                        \
                                (a, in, rows, channels, plain, centered, dAddend, row))                             \
  QPRUNE_DEFINE_FOR_ACTIVATIONS(gradientRows,                                                                       \
                                (const Activation& a, const GradientInputs<T>& in, int64_t rows, int64_t channels,  \
                                 const GradientMeans& means, float* dx, const float* dAddend, float* row),          \
                                (a, in, rows, channels, means, dx, dAddend, row))

DEFINE_FOR(float)
DEFINE_FOR(Bf16)

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

void batchNormGradient(const NormActivate& op, const Values& dy, const Values& x, const BatchNorm& norm,
                       const BatchNormGradients& gradients, void* scratch, Parallel& parallel) {
  const int64_t channels = op.rows.channels;
  const Activation& activation = op.activation;
  const auto at = layOut<Layout>(scratch, op, parallel.threads());
  batchNormScale(norm, channels, at.scale);
  // The inverse of a shuffle by g groups is the one by channels / g.
  if (at.destination) shuffleSource(channels, channels / op.shuffleGroups, at.destination);
  const auto& [dx, dAddend, dGamma, dBeta] = gradients;
  const bool adds = dAddend.data != nullptr;
  const bool isAllFloat = dy.isFloat() && x.isFloat() && (!adds || op.addend.isFloat());
  const bool isAllBf16 = !dy.isFloat() && !x.isFloat() && (!adds || !op.addend.isFloat());
  const bool isDirect = isAllFloat && dx.isFloat() && dAddend.isFloat();

  const WideRows wide(channels, at.destination != nullptr);
  wide.repeat(norm.mean, at.wideCenter);
  wide.repeat(at.scale, at.wideScale);
  wide.repeat(norm.beta, at.wideShift);
  const Affine affine{at.wideCenter, at.wideScale, at.wideShift};

  // Calls body(inputs, first value, rows, buffers of the addend's gradient and of dx) for the rows [begin, end), some at a time.
  const auto forRows = [&](int64_t begin, int64_t end, int thread, auto body) {
    const int64_t step = isDirect ? end - begin : stagedRows(channels);
    float* const buffer = at.staged.of(thread);
    const auto bufferOf = [&](int64_t array) { return buffer + array * step * channels; };
    for (int64_t row = begin; row < end; row += step) {
      const int64_t rows = std::min(step, end - row), first = row * channels, count = rows * channels;
      if (isAllBf16) {
        const GradientInputs<Bf16> in{static_cast<const Bf16*>(dy.at(first)), static_cast<const Bf16*>(x.at(first)),
                                      static_cast<const Bf16*>(op.addend.atOrNull(first)), affine, at.destination, false};
        body(in, first, rows, bufferOf(3), bufferOf(4));
      } else {
        const GradientInputs<float> in{dy.floats(first, count, bufferOf(0)),
                                       x.floats(first, count, bufferOf(1)),
                                       adds ? op.addend.floats(first, count, bufferOf(2)) : nullptr,
                                       affine,
                                       at.destination,
                                       !isDirect};
        body(in, first, rows, bufferOf(3), bufferOf(4));
      }
    }
  };

  const RowBlocks blocks(op.rows);
  parallelFor(parallel, blocks.count, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t block = begin; block < end; block++) {
      float* const sums = at.wideSums.of(thread);
      std::fill(sums, sums + 2 * wide.values(), 0.0f);
      forRows(block * blocks.rows, std::min(op.rows.count, (block + 1) * blocks.rows), thread,
              [&](const auto& in, int64_t first, int64_t rows, float* addendBuffer, float*) {
                float* const dNorm = adds ? dAddend.place(first, addendBuffer) : nullptr;
                wide.forAll(rows, [&](int64_t from, int64_t wideRows, int64_t width) {
                  QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientSums, activation, in.from(from), wideRows, width, sums,
                                             sums + wide.values(), dNorm ? dNorm + from : nullptr, at.oneRow.of(thread))
                });
                if (adds) dAddend.store(first, rows * channels, dNorm);
              });
      float* const total = at.blocks + block * 2 * channels;
      wide.addUp(sums, total);
      wide.addUp(sums + wide.values(), total + channels);
    }
  });
  joinSums(op, norm, gradients, at);
  wide.repeat(at.meanGradient, at.wideMeanGradient);
  wide.repeat(at.centeredSlope, at.wideCenteredSlope);
  const GradientMeans means{at.wideMeanGradient, at.wideCenteredSlope};
  const int64_t grain = std::max<int64_t>(1, kGrain / channels);
  parallelFor(parallel, op.rows.count, grain, [&](int64_t begin, int64_t end, int thread) {
    forRows(begin, end, thread, [&](const auto& in, int64_t first, int64_t rows, float* addendBuffer, float* dxBuffer) {
      // Only where it is stored as floats: to widen it takes as long as to compute it again.
      const float* dNorm = adds && dAddend.isFloat() ? dAddend.place(first, addendBuffer) : nullptr;
      float* const to = dx.place(first, dxBuffer);
      wide.forAll(rows, [&](int64_t from, int64_t wideRows, int64_t width) {
        QPRUNE_CALL_FOR_ACTIVATION(activation.kind, gradientRows, activation, in.from(from), wideRows, width,
                                   means, to + from, dNorm ? dNorm + from : nullptr,
                                   at.oneRow.of(thread))
      });
      dx.store(first, rows * channels, to);
    });
  });
}

}  // namespace qprune
