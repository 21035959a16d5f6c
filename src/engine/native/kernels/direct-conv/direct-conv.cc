// The forward pass, and the gradient of the input at stride 1, which is a convolution with the turned kernel.
#include "direct-conv.h"

#include <algorithm>

#include "../scratch.h"
#include "direct-loops.h"

namespace qprune {
namespace {

constexpr int64_t kShortestTile = 4;

// The shape of the convolution that computes the gradient of the input.
ConvShape turnedShape(const ConvShape& s) {
  ConvShape turned = s;
  turned.inputs = s.outputs;
  turned.outputs = s.inputs;
  return turned;
}

RowWindows windowsOf(const ConvShape& s) {
  return {s.outWidth(), s.stride.columns, (s.outWidth() - 1) * s.stride.columns + kSide - 1 - s.width};
}

Row rowOf(const ConvShape& s, const float* x, const float* kernel, float* y, int64_t outRow) {
  const int64_t rows = s.outHeight(), columns = s.outWidth();
  const int64_t top = outRow % rows * s.stride.rows - 1;
  const int64_t begin = std::max<int64_t>(0, -top), end = std::min<int64_t>(kSide, s.height - top);
  const int64_t rowX = s.width * s.inputs;
  return {x + (outRow / rows * s.height + top + begin) * rowX - s.inputs,
          kernel + begin * kSide * s.inputs * s.outputs,
          y + outRow * columns * s.outputs,
          end - begin,
          s.stride.columns * s.inputs,
          rowX,
          s.inputs,
          s.outputs,
          columns};
}

}  // namespace

const DirectLoops* directLoops() {
#ifdef QPRUNE_X86_KERNELS
  if (hasAvx512()) return &kAvx512Loops;
  if (hasFma()) return &kAvx2Loops;
#endif
  return nullptr;
}

bool hasDirectConv() { return directLoops() != nullptr; }

void directConv(const ConvShape& shape, const float* x, const float* kernel, float* y, Parallel& parallel) {
  const ConvShape s = shape;
  const DirectLoops& loops = *directLoops();
  // Some filters for all rows of a range, so that their weights stay in a cache.
  parallelFor(parallel, s.images * s.outHeight(), 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t filter = 0; filter < s.outputs;) {
      const int64_t filters = std::min(loops.mostFilters, s.outputs - filter);
      const SumRow sum = loops.sumRowOf(windowsOf(s), filters);
      for (int64_t row = begin; row < end; row++) sum(rowOf(s, x, kernel + filter, y + filter, row));
      filter += filters;
    }
  });
}

void directInputGradient(const ConvShape& shape, const float* dy, const float* kernel, float* dx, void* scratch,
                         Parallel& parallel) {
  // [kSide, kSide, outputs, inputs], turned by half a circle.
  auto* turned = static_cast<float*>(scratch);
  constexpr int kTaps = kSide * kSide;
  for (int tap = 0; tap < kTaps; tap++) {
    const float* from = kernel + (kTaps - 1 - tap) * shape.inputs * shape.outputs;
    float* to = turned + tap * shape.inputs * shape.outputs;
    for (int64_t filter = 0; filter < shape.outputs; filter++)
      for (int64_t c = 0; c < shape.inputs; c++) to[filter * shape.inputs + c] = from[c * shape.outputs + filter];
  }
  directConv(turnedShape(shape), dy, turned, dx, parallel);
}

bool directConvFits(const ConvShape& s) {
  const bool isPlain = s.groups == 1 && s.dilation.rows == 1 && s.dilation.columns == 1;
  const bool hasSide = s.kernelHeight == kSide && s.kernelWidth == kSide;
  const bool hasStride = s.stride.rows == s.stride.columns && (s.stride.rows == 1 || s.stride.rows == 2);
  const bool isPadded = s.padding.top == 1 && s.padding.left == 1 && s.padding.bottom <= 1 && s.padding.right <= 1 &&
                        (s.stride.rows == 2 || (s.padding.bottom == 1 && s.padding.right == 1));
  return isPlain && hasSide && hasStride && isPadded && s.inputs % kUnrolledChannels == 0 &&
         s.outputs % kMostLanes == 0 && s.outWidth() >= kShortestTile;
}

bool directInputGradientFits(const ConvShape& s) {
  return s.stride.rows == 1 && directConvFits(s) && directConvFits(turnedShape(s));
}

size_t directInputGradientScratchBytes(const ConvShape& s) {
  return static_cast<size_t>(kSide * kSide * s.inputs * s.outputs) * sizeof(float);
}

}  // namespace qprune
