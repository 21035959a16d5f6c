// Batch norm with what follows it (an addend, an activation, a channel shuffle), in one pass over the rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../activation/activation.h"
#include "batch-moments.h"
#include "../scratch.h"
#include "../threads/parallel.h"
#include "wide-rows.h"

namespace qprune {

// y = shuffle(f(norm(x) + addend)), with x, addend, y: [rows.count, rows.channels].
struct NormActivate {
  Rows rows;
  Values addend;  // null: nothing is added
  Activation activation;
  int64_t shuffleGroups;  // 1: no shuffle
};

// (x - center) scale + shift. Each array: [channels].
struct Affine {
  const float* center;
  const float* scale;
  const float* shift;
};

// Parameters and statistics of a batch norm. Each array: [channels].
struct BatchNorm {
  const float* gamma;
  const float* beta;
  const float* mean;
  const float* variance;
  float epsilon;
};

// scale = gamma / sqrt(variance + epsilon), [channels].
void batchNormScale(const BatchNorm& norm, int64_t channels, float* scale);

// Computes rows of y with a given scale and shift, where rows of x are in the cache. Only prepare() writes the block of memory.
class AffineRows {
 public:
  // Of op.rows only the channels count; op.addend is not read.
  AffineRows(const NormActivate& op, Storage output, int threads, Scratch& scratch);

  void prepare(const Affine& affine) const;

  // y, of codes the codes themselves, from x and the addend (null: nothing is added).
  void compute(const float* x, const float* addend, float* y, int64_t rows, int thread) const;
  void compute(const Bf16* x, const Bf16* addend, float* y, int64_t rows, int thread) const;

  // Stores the rows of y from `first` on.
  void store(const float* x, const Results& y, int64_t first, int64_t rows, int thread) const;

  // Rows of x, of the addend and of y, [3, stagedRows(channels), channels], where they are not floats.
  float* buffer(int thread) const { return staged_.of(thread); }

 private:
  template <class T>
  void computeAny(const T* x, const T* addend, float* y, int64_t rows, int thread) const;

  int64_t channels_, shuffleGroups_;
  Activation activation_;
  WideRows wide_;
  PerThread<float> staged_;
  float *center_, *scale_, *shift_;  // of a wide row
  int32_t* source_ = nullptr;        // of each output channel, [channels]; null without a shuffle
  PerThread<float> unshuffled_{};    // a row before the shuffle, [channels]
};

size_t affineActivateScratchBytes(const NormActivate& op, const Parallel& parallel);

// The forward pass with a given scale and shift: inference, and training once the moments are known.
void affineActivate(const NormActivate& op, const Values& x, const Affine& affine, const Results& y, void* scratch,
                    Parallel& parallel);

size_t batchNormGradientScratchBytes(const NormActivate& op, const Parallel& parallel);

// dx, dAddend: [count, channels]; dGamma, dBeta: [channels].
struct BatchNormGradients {
  Results dx;
  Results dAddend;  // null if nothing is added
  float* dGamma;
  float* dBeta;
};

// The gradient with respect to x, the addend, gamma and beta, through the batch statistics. It recomputes the norm's output
// from x instead of reading a stored one. dy: [count, channels].
void batchNormGradient(const NormActivate& op, const Values& dy, const Values& x, const BatchNorm& norm,
                       const BatchNormGradients& gradients, void* scratch, Parallel& parallel);

}  // namespace qprune
