// Depthwise convolution and the gradient of its input, row by row: sums over taps in the order of the kernel.
//
// A row of the gradient of x takes from each row of dy the taps that hit it. At stride s, its columns fall into s classes
// of equal taps, and each class is computed like a row of the convolution itself.
#include "depthwise-conv.h"

#include "depthwise-line.h"
#include "../multiversion.h"
#include "../scratch.h"
#include "../vectors.h"

namespace qprune {
namespace {

// Channels that are computed together, so that the rows under a kernel stay in the first cache.
constexpr int64_t kBlockChannels = 128;

struct Layout {
  Layout(const ConvShape& s, int threads, Scratch& scratch)
      : taps(scratch.takePerThread<Tap>(2 * s.kernelHeight * s.kernelWidth, threads)),
        row(scratch.takePerThread<float>(std::max(s.width, s.outWidth()) * s.inputs, threads)) {}
  PerThread<Tap> taps;   // of a line, and those of one position near the border
  PerThread<float> row;  // of the result, if it is not stored as floats
};

// Adjacent positions of a line, of which the first has these sources, weights and results.
template <class T>
struct Positions {
  const T* x;
  const float* weights;
  float* y;
  int64_t stepX, stepY;  // floats from one position to the next
  int64_t rowX;          // floats of a row of the source
  int64_t channels;      // of x, weights and y
  int64_t block;         // channels to compute
};

template <int POSITIONS, class T>
QPRUNE_INLINE void sumVector(const Positions<T>& run, const Tap* taps, int64_t count, int64_t c) {
  FloatVector sum[POSITIONS] = {};
  for (int64_t t = 0; t < count; t++) {
    const T* x = run.x + taps[t].row * run.rowX + taps[t].column * run.channels + c;
    const FloatVector weight = loadVector(run.weights + taps[t].weight * run.channels + c);
#pragma GCC unroll 8
    for (int at = 0; at < POSITIONS; at++) sum[at] += loadVector(x + at * run.stepX) * weight;
  }
#pragma GCC unroll 8
  for (int at = 0; at < POSITIONS; at++) storeVector(run.y + at * run.stepY + c, sum[at]);
}

template <int POSITIONS, class T>
QPRUNE_INLINE void sumTaps(const Positions<T>& run, const Tap* taps, int64_t count) {
  if (run.block >= kVectorFloats) {
    int64_t c = 0;
    for (; c + kVectorFloats <= run.block; c += kVectorFloats) sumVector<POSITIONS>(run, taps, count, c);
    // The last vector may compute some channels twice.
    if (c < run.block) sumVector<POSITIONS>(run, taps, count, run.block - kVectorFloats);
    return;
  }
  for (int at = 0; at < POSITIONS; at++)
    for (int64_t c = 0; c < run.block; c++) {
      float sum = 0;
      for (int64_t t = 0; t < count; t++)
        sum += toFloat(run.x[taps[t].row * run.rowX + taps[t].column * run.channels + at * run.stepX + c]) *
               run.weights[taps[t].weight * run.channels + c];
      run.y[at * run.stepY + c] = sum;
    }
}

#define DEFINE_FOR(T)                                                                                                  \
  QPRUNE_CLONES void sumTaps8(const Positions<T>& run, const Tap* taps, int64_t count) { sumTaps<8>(run, taps, count); } \
  QPRUNE_CLONES void sumTaps4(const Positions<T>& run, const Tap* taps, int64_t count) { sumTaps<4>(run, taps, count); } \
  QPRUNE_CLONES void sumTaps1(const Positions<T>& run, const Tap* taps, int64_t count) { sumTaps<1>(run, taps, count); }

DEFINE_FOR(float)
DEFINE_FOR(Bf16)

// All positions of a line. `run` is at its first position; `spare` has room for `count` taps.
template <class T>
void sumLine(const Line& line, Positions<T> run, const Tap* taps, int64_t count, int64_t width, Tap* spare) {
  const Inner inner = innerOf(line, taps, count, width);
  const auto advance = [&](int64_t positions) {
    run.x += positions * run.stepX;
    run.y += positions * run.stepY;
  };
  const auto edge = [&](int64_t from, int64_t to) {
    for (int64_t at = from; at < to; at++, advance(1))
      sumTaps1(run, spare, tapsWithin(line, taps, count, at, width, spare));
  };
  edge(0, inner.begin);
  int64_t at = inner.begin;
  for (; at + 8 <= inner.end; at += 8, advance(8)) sumTaps8(run, taps, count);
  for (; at + 4 <= inner.end; at += 4, advance(4)) sumTaps4(run, taps, count);
  for (; at < inner.end; at++, advance(1)) sumTaps1(run, taps, count);
  edge(inner.end, line.count);
}

// Computes a line in blocks of channels.
template <class T>
void sumBlocks(const Line& line, Positions<T> run, const Tap* taps, int64_t count, int64_t width, Tap* spare) {
  for (int64_t from = 0; from < run.channels; from += run.block) {
    run.block = std::min(kBlockChannels, run.channels - from);
    sumLine(line, run, taps, count, width, spare);
    run.x += run.block;
    run.weights += run.block;
    run.y += run.block;
  }
}

int64_t forwardTaps(const ConvShape& s, int64_t image, int64_t outRow, Tap* taps) {
  int64_t count = 0;
  for (int64_t ky = 0; ky < s.kernelHeight; ky++) {
    const int64_t row = outRow * s.stride.rows - s.padding.top + ky * s.dilation.rows;
    if (row < 0 || row >= s.height) continue;
    for (int64_t kx = 0; kx < s.kernelWidth; kx++)
      taps[count++] = {image * s.height + row, kx * s.dilation.columns - s.padding.left,
                       ky * s.kernelWidth + kx};
  }
  return count;
}

// The taps of dy that hit `row` of x and its columns of class `column`.
int64_t gradientTaps(const ConvShape& s, int64_t image, int64_t row, int64_t column, Tap* taps) {
  int64_t count = 0;
  for (int64_t ky = 0; ky < s.kernelHeight; ky++) {
    const int64_t y = row + s.padding.top - ky * s.dilation.rows;
    if (y < 0 || y % s.stride.rows != 0 || y / s.stride.rows >= s.outHeight()) continue;
    for (int64_t kx = 0; kx < s.kernelWidth; kx++) {
      const int64_t x = column + s.padding.left - kx * s.dilation.columns;
      if (x % s.stride.columns != 0) continue;
      taps[count++] = {image * s.outHeight() + y / s.stride.rows, x / s.stride.columns,
                       ky * s.kernelWidth + kx};
    }
  }
  return count;
}

template <class T>
void forward(const ConvShape& s, const T* x, const float* kernel, const Results& y, const Layout& at, Parallel& parallel) {
  const int64_t rows = s.outHeight(), columns = s.outWidth(), channels = s.inputs;
  parallelFor(parallel, s.images * rows, 1, [&](int64_t begin, int64_t end, int thread) {
    Tap* taps = at.taps.of(thread);
    for (int64_t row = begin; row < end; row++) {
      const int64_t count = forwardTaps(s, row / rows, row % rows, taps);
      const int64_t first = row * columns * channels;
      Positions<T> run{x, kernel, y.place(first, at.row.of(thread))};
      run.stepX = s.stride.columns * channels;
      run.stepY = channels;
      run.rowX = s.width * channels;
      run.channels = channels;
      const float* const sums = run.y;
      sumBlocks({columns, s.stride.columns}, run, taps, count, s.width, taps + s.kernelHeight * s.kernelWidth);
      y.store(first, columns * channels, sums);
    }
  });
}

template <class T>
void inputGradient(const ConvShape& s, const T* dy, const float* kernel, const Results& dx, const Layout& at,
                   Parallel& parallel) {
  const int64_t columns = s.outWidth(), channels = s.inputs, step = s.stride.columns;
  parallelFor(parallel, s.images * s.height, 1, [&](int64_t begin, int64_t end, int thread) {
    Tap* taps = at.taps.of(thread);
    for (int64_t row = begin; row < end; row++) {
      const int64_t first = row * s.width * channels;
      float* const sums = dx.place(first, at.row.of(thread));
      for (int64_t column = 0; column < std::min(step, s.width); column++) {
        const int64_t count = gradientTaps(s, row / s.height, row % s.height, column, taps);
        Positions<T> run{dy, kernel, sums + column * channels};
        run.stepX = channels;
        run.stepY = step * channels;
        run.rowX = columns * channels;
        run.channels = channels;
        sumBlocks({(s.width - column + step - 1) / step, 1}, run, taps, count, columns,
                  taps + s.kernelHeight * s.kernelWidth);
      }
      dx.store(first, s.width * channels, sums);
    }
  });
}

}  // namespace

size_t depthwiseConvScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<Layout>(shape, parallel.threads());
}

void depthwiseConv(const ConvShape& shape, const Values& x, const float* kernel, const Results& y, void* scratch,
                   Parallel& parallel) {
  const auto at = layOut<Layout>(scratch, shape, parallel.threads());
  if (x.isFloat()) return forward(shape, static_cast<const float*>(x.data), kernel, y, at, parallel);
  forward(shape, static_cast<const Bf16*>(x.data), kernel, y, at, parallel);
}

void depthwiseInputGradient(const ConvShape& shape, const Values& dy, const float* kernel, const Results& dx,
                            void* scratch, Parallel& parallel) {
  const auto at = layOut<Layout>(scratch, shape, parallel.threads());
  if (dy.isFloat()) return inputGradient(shape, static_cast<const float*>(dy.data), kernel, dx, at, parallel);
  inputGradient(shape, static_cast<const Bf16*>(dy.data), kernel, dx, at, parallel);
}

}  // namespace qprune
