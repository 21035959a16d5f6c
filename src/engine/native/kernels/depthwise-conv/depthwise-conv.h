// Depthwise convolution with one filter per channel, and its gradients; see src/tensor/ops/conv2d.ts.
#pragma once

#include <cstddef>

#include "../bf16/stored-values.h"
#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

// A shape's inputs, outputs and groups are its channels; a kernel is [kernelHeight, kernelWidth, channels].

size_t depthwiseConvScratchBytes(const ConvShape& shape, const Parallel& parallel);

void depthwiseConv(const ConvShape& shape, const Values& x, const float* kernel, const Results& y, void* scratch,
                   Parallel& parallel);

void depthwiseInputGradient(const ConvShape& shape, const Values& dy, const float* kernel, const Results& dx,
                            void* scratch, Parallel& parallel);

size_t depthwiseKernelGradientScratchBytes(const ConvShape& shape, const Parallel& parallel);

// x and dy are stored alike.
void depthwiseKernelGradient(const ConvShape& shape, const Values& x, const Values& dy, float* dKernel,
                             void* scratch, Parallel& parallel);

}  // namespace qprune
