// Batch norm with what follows it (an addend, an activation, a channel shuffle), in one pass over the rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../activation/activation.h"
#include "batch-moments.h"
#include "../threads/parallel.h"

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
