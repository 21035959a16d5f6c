// A program that calls kernels without TensorFlow: one thread, its own scratch memory. It prints what is wrong.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "optimizer/adam.h"
#include "norm/batch-norm.h"
#include "depthwise-conv/depthwise-conv.h"
#include "integer-conv/integer-conv.h"
#include "pool.h"
#include "scratch.h"
#include "optimizer/sgd.h"

using namespace qprune;

namespace {

SingleThread thread;

void* block(size_t bytes) {
  return std::aligned_alloc(kScratchAlignment, (bytes / kScratchAlignment + 1) * kScratchAlignment);
}

void expectClose(const char* what, double value, double expected) {
  if (std::fabs(value - expected) <= 1e-5) return;
  std::printf("%s: %g instead of %g\n", what, value, expected);
  std::exit(1);
}

// The sum at one position and filter.
double convolved(const ConvShape& s, const std::vector<float>& x, const std::vector<float>& kernel, int64_t row,
                 int64_t column, int64_t filter) {
  double sum = 0;
  for (int64_t ky = 0; ky < s.kernelHeight; ky++)
    for (int64_t kx = 0; kx < s.kernelWidth; kx++)
      for (int64_t c = 0; c < s.inputs; c++) {
        const int64_t y = row + ky - s.padding.top, at = column + kx - s.padding.left;
        if (y < 0 || y >= s.height || at < 0 || at >= s.width) continue;
        sum += double{x[(y * s.width + at) * s.inputs + c]} *
               kernel[((ky * s.kernelWidth + kx) * s.inputs + c) * s.outputs + filter];
      }
  return sum;
}

void checkConv(const char* what, const IntegerConvKernel* implementation, const InputGrid& grid, int codes) {
  if (implementation == nullptr) return;
  const ConvShape s{1, 5, 6, 7, 3, 3, 19, 1, {1, 1}, {1, 1, 1, 1}, {1, 1}};
  std::vector<float> x(s.height * s.width * s.inputs), kernel(9 * s.inputs * s.outputs);
  for (size_t i = 0; i < x.size(); i++)
    x[i] = (static_cast<float>(i * 7 % (codes + 1)) - static_cast<float>(grid.offset)) / grid.levels;
  for (size_t i = 0; i < kernel.size(); i++) kernel[i] = 0.25f * (static_cast<float>(i * 5 % 3) - 1);
  std::vector<float> y(s.outHeight() * s.outWidth() * s.outputs);
  const IntegerConv conv{s, grid};
  void* filters = block(implementation->filterBytes(s));
  void* workspace = block(implementation->workspaceBytes(s, thread));
  const bool fits = implementation->packFilters(conv, kernel.data(), filters, thread) &&
                    implementation->packInput(conv, {x.data()}, workspace, thread);
  expectClose(what, fits, true);
  implementation->convolve(conv, filters, workspace, {{y.data()}}, thread);
  for (int64_t i = 0; i < static_cast<int64_t>(y.size()); i++) {
    const int64_t position = i / s.outputs;
    expectClose(what, y[i],
                convolved(s, x, kernel, position / s.outWidth(), position % s.outWidth(), i % s.outputs));
  }
  std::free(filters);
  std::free(workspace);
}

void checkNorm() {
  const NormActivate op{{4, 2}, {}, {ActivationKind::relu, 1, 1, false, 6, StraightThrough::identity}, 2};
  const float x[] = {1, 10, 2, 20, 3, 30, 4, 40}, gamma[] = {1, 2}, beta[] = {0, 1};
  float mean[2], variance[2], unbiased[2], scale[2], y[8];
  void* scratch = block(batchMomentsScratchBytes(op.rows, thread) + affineActivateScratchBytes(op, thread));
  batchMoments(op.rows, {x}, {mean, variance, unbiased}, scratch, thread);
  expectClose("mean", mean[1], 25);
  expectClose("unbiased variance", unbiased[0], 5.0 / 3);
  batchNormScale({gamma, beta, mean, variance, 0}, 2, scale);
  affineActivate(op, {x}, {mean, scale, beta}, {y}, scratch, thread);
  expectClose("batch norm before ReLU's 0", y[0], 0);
  expectClose("batch norm", y[7], 2 * 15 / std::sqrt(125.0) + 1);
  std::free(scratch);
}

void checkPool() {
  const PoolShape shape{1, 2, 2, 1, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}};
  const float x[] = {1, 4, 3, 2};
  float y;
  uint8_t argmax;
  void* scratch = block(poolScratchBytes(shape, thread));
  maxPool(shape, {x}, {&y}, &argmax, scratch, thread);
  expectClose("maximum", y, 4);
  expectClose("argmax", argmax, 1);
  averagePool(shape, true, {x}, {&y}, scratch, thread);
  expectClose("average", y, 2.5);
  std::free(scratch);
}

void checkDepthwise() {
  const ConvShape s{1, 2, 2, 1, 1, 2, 1, 1, {1, 1}, {0, 1, 0, 0}, {1, 1}};
  const float x[] = {1, 2, 3, 4}, kernel[] = {10, 1};
  float y[4], dx[4], dKernel[2];
  void* scratch = block(depthwiseConvScratchBytes(s, thread) + depthwiseKernelGradientScratchBytes(s, thread));
  depthwiseConv(s, {x}, kernel, {y}, scratch, thread);
  expectClose("depthwise convolution", y[3], 34);
  depthwiseInputGradient(s, {x}, kernel, {dx}, scratch, thread);
  expectClose("gradient of its input", dx[2], 43);
  depthwiseKernelGradient(s, {x}, {x}, dKernel, scratch, thread);
  expectClose("gradient of its kernel", dKernel[0], 14);
  std::free(scratch);
}

void checkAdam() {
  const float value = 1, zero = 0, gradient = 2;
  float newValue, m, v;
  const AdamParameter parameter{{0, 0.1f, 0.999f, 0.001f, 0.1f, 1, 0, 1}, &value, &zero, &zero, &gradient,
                                &newValue, &m, &v};
  const int64_t size = 1;
  adamUpdate(&parameter, &size, 1, thread);
  expectClose("first moment", m, 0.2);
  expectClose("parameter", newValue, 1 - 0.1 * 0.2 / std::sqrt(0.004));
}

void checkSgd() {
  const float value = 1, momentum = 1, gradient = 2;
  float newValue, newMomentum;
  const SgdParameter parameter{{0.5f, 0.9f, 0.1f}, &value, &momentum, &gradient, &newValue, &newMomentum};
  const int64_t size = 1;
  sgdUpdate(&parameter, &size, 1, thread);
  expectClose("momentum", newMomentum, 0.9 + 2.5);
  expectClose("parameter of SGD", newValue, 1 - 0.1 * (2.5 + 0.9 * 3.4));
}

}  // namespace

int main() {
  checkConv("ternary convolution", ternaryConvKernel(), kTernaryGrid, 2);
  checkConv("byte convolution", byteConvKernel(), uniformGrid(15), 15);
  checkNorm();
  checkPool();
  checkDepthwise();
  checkAdam();
  checkSgd();
}
