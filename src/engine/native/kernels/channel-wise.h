// Functions with a number for each channel, and their gradients with respect to x and to these numbers.
#pragma once

#include <cstddef>

#include "norm/batch-moments.h"
#include "threads/parallel.h"

namespace qprune {

// x, y, dy, dx: [rows.count, rows.channels]; all other arrays: [rows.channels].

// y = x where x > 0, otherwise slope x.
void prelu(const Rows& rows, const float* x, const float* slope, float* y, Parallel& parallel);

size_t channelGradientScratchBytes(const Rows& rows);

// dx = dy where x > 0, otherwise slope dy; dSlope: the sum of x dy where x <= 0.
void preluGradient(const Rows& rows, const float* dy, const float* x, const float* slope, float* dx, float* dSlope,
                   void* scratch, Parallel& parallel);

// Of y = scale x + shift: dx = scale dy; dScale: the sum of x dy; dShift: that of dy.
void scaleGradient(const Rows& rows, const float* dy, const float* x, const float* scale, float* dx, float* dScale,
                   float* dShift, void* scratch, Parallel& parallel);

}  // namespace qprune
