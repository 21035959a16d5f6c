// Depthwise convolution with one filter per channel, and its gradients; see src/tensor/ops/conv2d.ts.
#pragma once

#include <cstddef>

#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

// A shape's inputs, outputs and groups are its channels; a kernel is [kernelHeight, kernelWidth, channels].

size_t depthwiseConvScratchBytes(const ConvShape& shape, const Parallel& parallel);

void depthwiseConv(const ConvShape& shape, const float* x, const float* kernel, float* y, void* scratch,
                   Parallel& parallel);

void depthwiseInputGradient(const ConvShape& shape, const float* dy, const float* kernel, float* dx,
                            void* scratch, Parallel& parallel);

size_t depthwiseKernelGradientScratchBytes(const ConvShape& shape, const Parallel& parallel);

void depthwiseKernelGradient(const ConvShape& shape, const float* x, const float* dy, float* dKernel,
                             void* scratch, Parallel& parallel);

}  // namespace qprune
