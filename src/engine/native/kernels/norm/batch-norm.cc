// The forward pass of batch norm, addition, activation and channel shuffle.
#include "batch-norm.h"

#include <algorithm>
#include <cmath>

#include "../activation/activation-loops.h"
#include "../channel-shuffle.h"
#include "../scratch.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

struct Layout {
  Layout(const NormActivate& op, int threads, Scratch& scratch) {
    if (op.shuffleGroups <= 1) return;
    source = scratch.take<int32_t>(op.rows.channels);
    row = scratch.takePerThread<float>(op.rows.channels, threads);
  }
  int32_t* source = nullptr;  // of each output channel, [channels]; null without a shuffle
  PerThread<float> row{};     // a row before the shuffle, [channels]
};

template <class F>
QPRUNE_INLINE void normRows(const Activation& a, const float* x, const float* addend, const Affine& affine,
                            const int32_t* source, float* y, int64_t rows, int64_t channels,
                            float* unshuffled) {
  const F f(a);
  const float* __restrict center = affine.center;
  const float* __restrict scale = affine.scale;
  const float* __restrict shift = affine.shift;
  for (int64_t row = 0; row < rows; row++) {
    const float* __restrict in = x + row * channels;
    float* __restrict out = source ? unshuffled : y + row * channels;
    if (addend) {
      const float* __restrict added = addend + row * channels;
      for (int64_t c = 0; c < channels; c++)
        out[c] = f.value((in[c] - center[c]) * scale[c] + shift[c] + added[c]);
    } else {
      for (int64_t c = 0; c < channels; c++) out[c] = f.value((in[c] - center[c]) * scale[c] + shift[c]);
    }
    if (source) gatherRow(unshuffled, source, y + row * channels, channels);
  }
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(normRows,
                              (const Activation& a, const float* x, const float* addend,
                               const Affine& affine, const int32_t* source, float* y, int64_t rows,
                               int64_t channels, float* unshuffled),
                              (a, x, addend, affine, source, y, rows, channels, unshuffled))

}  // namespace

void batchNormScale(const BatchNorm& norm, int64_t channels, float* scale) {
  for (int64_t c = 0; c < channels; c++)
    scale[c] = norm.gamma[c] * (1.0f / std::sqrt(norm.variance[c] + norm.epsilon));
}

size_t affineActivateScratchBytes(const NormActivate& op, const Parallel& parallel) {
  return bytesOf<Layout>(op, parallel.threads());
}

void affineActivate(const NormActivate& op, const float* x, const Affine& affine, float* y, void* scratch,
                    Parallel& parallel) {
  const int64_t channels = op.rows.channels;
  const auto at = layOut<Layout>(scratch, op, parallel.threads());
  if (at.source) shuffleSource(channels, op.shuffleGroups, at.source);
  const int64_t grain = std::max<int64_t>(1, kGrain / channels);
  parallelFor(parallel, op.rows.count, grain, [&](int64_t begin, int64_t end, int thread) {
    QPRUNE_CALL_FOR_ACTIVATION(op.activation.kind, normRows, op.activation, x + begin * channels,
                               op.addend ? op.addend + begin * channels : nullptr, affine, at.source,
                                y + begin * channels, end - begin, channels, at.row.of(thread))
  });
}

}  // namespace qprune
