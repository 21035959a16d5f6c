// The forward pass of batch norm, addition, activation and channel shuffle.
#include "batch-norm.h"

#include <algorithm>
#include <cmath>

#include "../activation/activation-loops.h"
#include "../channel-shuffle.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

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

AffineRows::AffineRows(const NormActivate& op, Storage output, int threads, Scratch& scratch)
    : channels_(op.rows.channels),
      shuffleGroups_(op.shuffleGroups),
      activation_(holdsCodes(output) ? withCodes(op.activation) : op.activation),
      wide_(channels_, shuffleGroups_ > 1),
      staged_(scratch.takePerThread<float>(3 * stagedRows(channels_) * channels_, threads)),
      center_(scratch.take<float>(wide_.values())),
      scale_(scratch.take<float>(wide_.values())),
      shift_(scratch.take<float>(wide_.values())) {
  if (shuffleGroups_ <= 1) return;
  source_ = scratch.take<int32_t>(channels_);
  unshuffled_ = scratch.takePerThread<float>(channels_, threads);
}

void AffineRows::prepare(const Affine& affine) const {
  if (source_) shuffleSource(channels_, shuffleGroups_, source_);
  wide_.repeat(affine.center, center_);
  wide_.repeat(affine.scale, scale_);
  wide_.repeat(affine.shift, shift_);
}

template <class T>
void AffineRows::computeAny(const T* x, const T* addend, float* y, int64_t rows, int thread) const {
  const Affine repeated{center_, scale_, shift_};
  wide_.forAll(rows, [&](int64_t from, int64_t wideRows, int64_t width) {
    QPRUNE_CALL_FOR_ACTIVATION(activation_.kind, normRows, activation_, x + from, addend ? addend + from : nullptr,
                               repeated, source_, y + from, wideRows, width, unshuffled_.of(thread))
  });
}

void AffineRows::compute(const float* x, const float* addend, float* y, int64_t rows, int thread) const {
  computeAny(x, addend, y, rows, thread);
}

void AffineRows::compute(const Bf16* x, const Bf16* addend, float* y, int64_t rows, int thread) const {
  computeAny(x, addend, y, rows, thread);
}

void AffineRows::store(const float* x, const Results& output, int64_t first, int64_t rows, int thread) const {
  const Results y = holdsCodes(output.storage) ? output.ofCodes() : output;
  const int64_t step = y.isFloat() ? rows : stagedRows(channels_);
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t count = std::min(step, rows - row), at = (first + row) * channels_;
    float* const values = y.place(at, buffer(thread));
    compute(x + row * channels_, static_cast<const float*>(nullptr), values, count, thread);
    y.store(at, count * channels_, values);
  }
}

size_t affineActivateScratchBytes(const NormActivate& op, const Parallel& parallel) {
  return bytesOf<AffineRows>(op, Storage::float32, parallel.threads());
}

void affineActivate(const NormActivate& op, const Values& x, const Affine& affine, const Results& output, void* scratch,
                    Parallel& parallel) {
  const int64_t channels = op.rows.channels;
  const Results y = holdsCodes(output.storage) ? output.ofCodes() : output;
  const auto rowsOf = layOut<AffineRows>(scratch, op, output.storage, parallel.threads());
  rowsOf.prepare(affine);
  const bool isAllFloat = x.isFloat() && (op.addend.data == nullptr || op.addend.isFloat());
  const bool isAllBf16 = !x.isFloat() && (op.addend.data == nullptr || !op.addend.isFloat());
  const int64_t grain = std::max<int64_t>(1, kGrain / channels);
  parallelFor(parallel, op.rows.count, grain, [&](int64_t begin, int64_t end, int thread) {
    const int64_t step = isAllFloat && y.isFloat() ? end - begin : stagedRows(channels);
    float* const buffer = rowsOf.buffer(thread);
    for (int64_t row = begin; row < end; row += step) {
      const int64_t rows = std::min(step, end - row), first = row * channels, count = rows * channels;
      float* const values = y.place(first, buffer + 2 * step * channels);
      if (isAllBf16) {
        x.fetchAhead(first, count);
        op.addend.fetchAhead(first, count);
        rowsOf.compute(static_cast<const Bf16*>(x.at(first)), static_cast<const Bf16*>(op.addend.atOrNull(first)), values,
                       rows, thread);
      } else {
        const float* added = op.addend.data ? op.addend.floats(first, count, buffer + step * channels) : nullptr;
        rowsOf.compute(x.floats(first, count, buffer), added, values, rows, thread);
      }
      y.store(first, count, values);
    }
  });
}

}  // namespace qprune
