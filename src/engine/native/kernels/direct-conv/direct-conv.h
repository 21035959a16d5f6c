// Convolution with 3x3 kernels in float32, and its gradients, without copies of windows; see src/tensor/ops/conv2d.ts.
#pragma once

#include <cstddef>

#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

// Whether this CPU has these kernels: they need AVX-512, or AVX2 with fused multiply-add.
bool hasDirectConv();

// Whether they compute this shape: without groups and dilation, padded by 1 at the top and left, at stride 1 or 2, whole
// vectors of filters, and rows that are not too short.
bool directConvFits(const ConvShape& shape);

void directConv(const ConvShape& shape, const float* x, const float* kernel, float* y, Parallel& parallel);

// The gradient of the input is computed at stride 1 only, and needs whole vectors of input channels, too.
bool directInputGradientFits(const ConvShape& shape);

size_t directInputGradientScratchBytes(const ConvShape& shape);

void directInputGradient(const ConvShape& shape, const float* dy, const float* kernel, float* dx, void* scratch,
                         Parallel& parallel);

bool directKernelGradientFits(const ConvShape& shape);

size_t directKernelGradientScratchBytes(const ConvShape& shape);

void directKernelGradient(const ConvShape& shape, const float* x, const float* dy, float* dKernel, void* scratch,
                          Parallel& parallel);

}  // namespace qprune
