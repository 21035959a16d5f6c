// The forward pass of batch norm, addition, activation and channel shuffle.
#include "batch-norm.h"

#include <algorithm>
#include <cmath>

#include "../activation/activation-loops.h"
#include "../channel-shuffle.h"
#include "../scratch.h"
#include "wide-rows.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

struct Layout {
  Layout(const NormActivate& op, int threads, Scratch& scratch) {
    staged = scratch.takePerThread<float>(3 * stagedRows(op.rows.channels) * op.rows.channels, threads);
    const int64_t wide = WideRows(op.rows.channels, op.shuffleGroups > 1).values();
    center = scratch.take<float>(wide);
    scale = scratch.take<float>(wide);
    shift = scratch.take<float>(wide);
    if (op.shuffleGroups <= 1) return;
    source = scratch.take<int32_t>(op.rows.channels);
    row = scratch.takePerThread<float>(op.rows.channels, threads);
  }
  PerThread<float> staged;    // rows of x, of the addend and of y, where they are not floats
  float *center, *scale, *shift;  // of a wide row
  int32_t* source = nullptr;  // of each output channel, [channels]; null without a shuffle
  PerThread<float> row{};     // a row before the shuffle, [channels]
};

template <class F, class T>
QPRUNE_INLINE void normRows(const Activation& a, const T* x, const T* addend, const Affine& affine,
                            const int32_t* source, float* y, int64_t rows, int64_t channels,
                            float* unshuffled) {
  const F f(a);
  const float* __restrict center = affine.center;
  const float* __restrict scale = affine.scale;
  const float* __restrict shift = affine.shift;
  for (int64_t row = 0; row < rows; row++) {
    const T* __restrict in = x + row * channels;
    float* __restrict out = source ? unshuffled : y + row * channels;
    if (addend) {
      const T* __restrict added = addend + row * channels;
      for (int64_t c = 0; c < channels; c++)
        out[c] = f.value((toFloat(in[c]) - center[c]) * scale[c] + shift[c] + toFloat(added[c]));
    } else {
      for (int64_t c = 0; c < channels; c++) 
        out[c] = f.value((toFloat(in[c]) - center[c]) * scale[c] + shift[c]);
    }
    if (source) gatherRow(unshuffled, source, y + row * channels, channels);
  }
}

#define DEFINE_FOR(T)                                                                                                \
  QPRUNE_DEFINE_FOR_ACTIVATIONS(normRows,                                                                            \
                                (const Activation& a, const T* x, const T* addend, const Affine& affine,             \
                                 const int32_t* source, float* y, int64_t rows, int64_t channels, float* unshuffled), \
                                (a, x, addend, affine, source, y, rows, channels, unshuffled))

DEFINE_FOR(float)
DEFINE_FOR(Bf16)

}  // namespace

void batchNormScale(const BatchNorm& norm, int64_t channels, float* scale) {
  for (int64_t c = 0; c < channels; c++)
    scale[c] = norm.gamma[c] * (1.0f / std::sqrt(norm.variance[c] + norm.epsilon));
}

size_t affineActivateScratchBytes(const NormActivate& op, const Parallel& parallel) {
  return bytesOf<Layout>(op, parallel.threads());
}

void affineActivate(const NormActivate& op, const Values& x, const Affine& affine, const Results& output, void* scratch,
                    Parallel& parallel) {
  const int64_t channels = op.rows.channels;
  const bool givesCodes = holdsCodes(output.storage);
  const Activation activation = givesCodes ? withCodes(op.activation) : op.activation;
  const Results y = givesCodes ? output.ofCodes() : output;
  const auto at = layOut<Layout>(scratch, op, parallel.threads());
  if (at.source) shuffleSource(channels, op.shuffleGroups, at.source);
  const WideRows wide(channels, at.source != nullptr);
  wide.repeat(affine.center, at.center);
  wide.repeat(affine.scale, at.scale);
  wide.repeat(affine.shift, at.shift);
  const Affine repeated{at.center, at.scale, at.shift};
  const bool isAllFloat = x.isFloat() && (op.addend.data == nullptr || op.addend.isFloat());
  const bool isAllBf16 = !x.isFloat() && (op.addend.data == nullptr || !op.addend.isFloat());
  const int64_t grain = std::max<int64_t>(1, kGrain / channels);
  parallelFor(parallel, op.rows.count, grain, [&](int64_t begin, int64_t end, int thread) {
    const int64_t step = isAllFloat && y.isFloat() ? end - begin : stagedRows(channels);
    float* const buffer = at.staged.of(thread);
    for (int64_t row = begin; row < end; row += step) {
      const int64_t rows = std::min(step, end - row), first = row * channels, count = rows * channels;
      float* const sums = y.place(first, buffer + 2 * step * channels);
      const auto compute = [&](const auto* values, const auto* added) {
        wide.forAll(rows, [&](int64_t from, int64_t wideRows, int64_t width) {
          QPRUNE_CALL_FOR_ACTIVATION(activation.kind, normRows, activation, values + from,
                                     added ? added + from : nullptr, repeated, at.source, sums + from, wideRows, width,
                                     at.row.of(thread))
        });
      };
      if (isAllBf16) {
        x.fetchAhead(first, count);
        op.addend.fetchAhead(first, count);
        compute(static_cast<const Bf16*>(x.at(first)), static_cast<const Bf16*>(op.addend.place(first)));
      } else {
        const float* added = op.addend.data ? op.addend.floats(first, count, buffer + step * channels) : nullptr;
        compute(x.floats(first, count, buffer), added);
      }
      y.store(first, count, sums);
    }
  });
}

}  // namespace qprune
