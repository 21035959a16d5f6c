// The gradient of a depthwise convolution's kernel: for each tap, the sum over all positions of x dy.
#include <cstring>

#include "depthwise-conv.h"
#include "depthwise-line.h"
#include "../multiversion.h"
#include "../scratch.h"
#include "../vectors.h"

namespace qprune {
namespace {

// Work is divided by the shape alone, so that the number of threads does not affect a result: into blocks of output rows,
// which have sums of their own, and blocks of channels.
constexpr int64_t kPieces = 32;
// With fewer in a row block, adding its sums would take as long as computing them.
constexpr int64_t kLeastPositions = 512;
// With fewer in a channel block, memory is read in pieces that are too short.
constexpr int64_t kLeastChannels = 64;
// With fewer positions between the borders of a row, it is not worth its own loop.
constexpr int64_t kLeastInner = 4;

int64_t kernelSize(const ConvShape& s) { return s.kernelHeight * s.kernelWidth * s.inputs; }

int64_t rowBlocks(const ConvShape& s) {
  const int64_t positions = s.images * s.outHeight() * s.outWidth();
  return std::max<int64_t>(1, std::min(kPieces, positions / kLeastPositions));
}

// The channels of a block: fewer than all where row blocks alone are too few for many threads.
int64_t blockChannels(const ConvShape& s) {
  const int64_t blocks = std::max<int64_t>(1, std::min(kPieces / rowBlocks(s), s.inputs / kLeastChannels));
  const int64_t vectors = (s.inputs + kVectorFloats - 1) / kVectorFloats;
  return (vectors + blocks - 1) / blocks * kVectorFloats;
}

struct Layout {
  Layout(const ConvShape& s, int threads, Scratch& scratch)
      : sums(scratch.take<float>((rowBlocks(s) - 1) * kernelSize(s))),
        taps(scratch.takePerThread<Tap>(s.kernelHeight * s.kernelWidth, threads)) {}
  float* sums;          // like the kernel, of each row block after the first, whose sums are the result
  PerThread<Tap> taps;  // of an output row
};

// Adjacent positions of an output row at which all taps lie within x.
template <class T>
struct Positions {
  const T* x;
  const T* dy;
  float* sums;
  int64_t positions;
  int64_t stepX;     // floats from one position to the next
  int64_t rowX;      // floats of a row of x
  int64_t channels;  // of x, dy and sums
  int64_t block;     // channels to compute
};

template <int TAPS, class T>
QPRUNE_INLINE void addVector(const Positions<T>& run, const Tap* taps, int64_t c) {
  FloatVector sum[TAPS];
  const T* x[TAPS];
#pragma GCC unroll 9
  for (int t = 0; t < TAPS; t++) {
    x[t] = run.x + taps[t].row * run.rowX + taps[t].column * run.channels + c;
    sum[t] = loadVector(run.sums + taps[t].weight * run.channels + c);
  }
  for (int64_t at = 0; at < run.positions; at++) {
    const FloatVector dy = loadVector(run.dy + at * run.channels + c);
#pragma GCC unroll 9
    for (int t = 0; t < TAPS; t++) sum[t] += loadVector(x[t] + at * run.stepX) * dy;
  }
#pragma GCC unroll 9
  for (int t = 0; t < TAPS; t++) storeVector(run.sums + taps[t].weight * run.channels + c, sum[t]);
}

template <int TAPS, class T>
QPRUNE_INLINE void addTaps(const Positions<T>& run, const Tap* taps) {
  int64_t c = 0;
  for (; c + kVectorFloats <= run.block; c += kVectorFloats) addVector<TAPS>(run, taps, c);
  for (; c < run.block; c++)
    for (int t = 0; t < TAPS; t++) {
      const T* x = run.x + taps[t].row * run.rowX + taps[t].column * run.channels + c;
      float& sum = run.sums[taps[t].weight * run.channels + c];
      for (int64_t at = 0; at < run.positions; at++) 
        sum += toFloat(x[at * run.stepX]) * toFloat(run.dy[at * run.channels + c]);
    }
}

#define DEFINE_FOR(T)                                                                              \
  QPRUNE_CLONES void addTaps9(const Positions<T>& run, const Tap* taps) { addTaps<9>(run, taps); } \
  QPRUNE_CLONES void addTaps3(const Positions<T>& run, const Tap* taps) { addTaps<3>(run, taps); } \
  QPRUNE_CLONES void addTaps1(const Positions<T>& run, const Tap* taps) { addTaps<1>(run, taps); }

DEFINE_FOR(float)
DEFINE_FOR(Bf16)

template <class T>
void addRun(const Positions<T>& run, const Tap* taps, int64_t count) {
  if (run.positions <= 0) return;
  for (; count >= 9; taps += 9, count -= 9) addTaps9(run, taps);
  for (; count >= 3; taps += 3, count -= 3) addTaps3(run, taps);
  for (; count > 0; taps++, count--) addTaps1(run, taps);
}

// The taps of an output row, column by column of the kernel; returns how many a column has.
int64_t rowTaps(const ConvShape& s, int64_t image, int64_t outRow, Tap* taps) {
  int64_t count = 0;
  for (int64_t kx = 0; kx < s.kernelWidth; kx++)
    for (int64_t ky = 0; ky < s.kernelHeight; ky++) {
      const int64_t row = outRow * s.stride.rows - s.padding.top + ky * s.dilation.rows;
      if (row < 0 || row >= s.height) continue;
      taps[count++] = {image * s.height + row, kx * s.dilation.columns - s.padding.left,
                       ky * s.kernelWidth + kx};
    }
  return count / s.kernelWidth;
}

// Adds the products of one output row to sums. `run` is at its first position.
template <class T>
void addRow(const ConvShape& s, const Positions<T>& run, const Tap* taps, int64_t tapsPerColumn) {
  const Line line{s.outWidth(), s.stride.columns};
  const auto add = [&](int64_t begin, int64_t end, const Tap* first, int64_t count) {
    Positions<T> part = run;
    part.x += begin * run.stepX;
    part.dy += begin * run.channels;
    part.positions = end - begin;
    addRun(part, first, count);
  };
  const int64_t count = s.kernelWidth * tapsPerColumn;
  Inner inner = innerOf(line, taps, count, s.width);
  if (inner.end - inner.begin < kLeastInner) inner = {line.count, line.count};
  add(inner.begin, inner.end, taps, count);
  for (const Tap* column = taps; column < taps + count; column += tapsPerColumn) {
    const Inner own = innerOf(line, column, 1, s.width);
    add(own.begin, std::min(own.end, inner.begin), column, tapsPerColumn);
    add(std::max(own.begin, inner.end), own.end, column, tapsPerColumn);
  }
}

template <class T>
void kernelGradient(const ConvShape& s, const T* x, const T* dy, float* dKernel, const Layout& at, Parallel& parallel) {
  const int64_t size = kernelSize(s), height = s.outHeight(), rows = s.images * height, channels = s.inputs;
  const int64_t blocks = rowBlocks(s), most = blockChannels(s), channelBlocks = (channels + most - 1) / most;
  const auto sumsOf = [&](int64_t block) { return block == 0 ? dKernel : at.sums + (block - 1) * size; };
  parallelFor(parallel, blocks * channelBlocks, 1, [&](int64_t begin, int64_t end, int thread) {
    Tap* taps = at.taps.of(thread);
    for (int64_t piece = begin; piece < end; piece++) {
      const int64_t block = piece / channelBlocks, first = piece % channelBlocks * most;
      const int64_t count = std::min(most, channels - first);
      float* sums = sumsOf(block) + first;
      for (int64_t tap = 0; tap < s.kernelHeight * s.kernelWidth; tap++)
        std::memset(sums + tap * channels, 0, count * sizeof(float));
      for (int64_t row = block * rows / blocks; row < (block + 1) * rows / blocks; row++) {
        const int64_t perColumn = rowTaps(s, row / height, row % height, taps);
        Positions<T> run{x + first, dy + row * s.outWidth() * channels + first, sums};
        run.stepX = s.stride.columns * channels;
        run.rowX = s.width * channels;
        run.channels = channels;
        run.block = count;
        addRow(s, run, taps, perColumn);
      }
    }
  });
  for (int64_t block = 1; block < blocks; block++)
    for (int64_t i = 0; i < size; i++) dKernel[i] += sumsOf(block)[i];
}

}  // namespace

size_t depthwiseKernelGradientScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<Layout>(shape, parallel.threads());
}

void depthwiseKernelGradient(const ConvShape& shape, const Values& x, const Values& dy, float* dKernel,
                             void* scratch, Parallel& parallel) {
  const auto at = layOut<Layout>(scratch, shape, parallel.threads());
  if (x.isFloat())
    return kernelGradient(shape, static_cast<const float*>(x.data), static_cast<const float*>(dy.data), dKernel, at,
                          parallel);
  kernelGradient(shape, static_cast<const Bf16*>(x.data), static_cast<const Bf16*>(dy.data), dKernel, at, parallel);
}

}  // namespace qprune
