// The forward pass, and the gradient of the input at stride 1, which is a convolution with the turned kernel.
//
// A tile is some adjacent positions of an output row for one or two vectors of filters. Its sums stay in registers: each
// value of x is broadcast and multiplied by the weights of the vectors.
#include "direct-conv.h"

#include <algorithm>

#include "../scratch.h"
#include "avx512.h"

namespace qprune {
namespace {

// Input channels between two updates of the addresses.
constexpr int kUnrolledChannels = 4;
constexpr int64_t kShortestTile = 4;

// The shape of the convolution that computes the gradient of the input.
ConvShape turnedShape(const ConvShape& s) {
  ConvShape turned = s;
  turned.inputs = s.outputs;
  turned.outputs = s.inputs;
  return turned;
}

}  // namespace

#ifdef QPRUNE_X86_KERNELS
namespace {

// Positions that share an address: x86 adds 0, 1 or 2 steps to it at no cost.
constexpr int kPositionsPerAddress = 3;

// One output row.
struct Row {
  const float* x;       // the first input channel of the first position's first tap, which may lie in the padding
  const float* kernel;  // [taps of rows, kSide, inputs, outputs], from a vector of filters on
  float* y;             // from the same vector on
  int64_t tapRows;      // rows of the kernel that lie within x
  int64_t step;         // floats of x between positions
  int64_t rowX;         // floats of a row of x
  int64_t inputs, outputs;
  int64_t positions;
};

// Positions of the tile whose taps lie outside x: those of the first `LEFT` columns under it and of the last `RIGHT`.
template <int POSITIONS, int STRIDE, int LEFT, int RIGHT>
constexpr bool isOutside(int position, int kx) {
  return position * STRIDE + kx < LEFT || (POSITIONS - 1 - position) * STRIDE + (kSide - 1 - kx) < RIGHT;
}

template <int VECTORS, int POSITIONS, int STRIDE, int LEFT, int RIGHT>
QPRUNE_AVX512_INLINE void sumTile(const Row& row, int64_t from) {
  constexpr int kAddresses = (POSITIONS + kPositionsPerAddress - 1) / kPositionsPerAddress;
  const int64_t step = row.step, inputs = row.inputs, outputs = row.outputs;
  const float* weights = row.kernel;
  __m512 sum[POSITIONS][VECTORS];
#pragma GCC unroll 16
  for (int at = 0; at < POSITIONS; at++)
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) sum[at][v] = _mm512_setzero_ps();
  for (int64_t ky = 0; ky < row.tapRows; ky++) {
#pragma GCC unroll 3
    for (int kx = 0; kx < kSide; kx++) {
      const float* address[kAddresses];
#pragma GCC unroll 6
      for (int a = 0; a < kAddresses; a++)
        address[a] = row.x + ky * row.rowX + kx * inputs + (from + a * kPositionsPerAddress) * step;
      for (int64_t c = 0; c < inputs; c += kUnrolledChannels) {
#pragma GCC unroll 4
        for (int u = 0; u < kUnrolledChannels; u++, weights += outputs) {
          __m512 filters[VECTORS];
#pragma GCC unroll 2
          for (int v = 0; v < VECTORS; v++) filters[v] = _mm512_loadu_ps(weights + v * kFilterLanes);
#pragma GCC unroll 16
          for (int at = 0; at < POSITIONS; at++) {
            if (isOutside<POSITIONS, STRIDE, LEFT, RIGHT>(at, kx)) continue;
            const __m512 x =
                _mm512_set1_ps(address[at / kPositionsPerAddress][at % kPositionsPerAddress * step + u]);
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) sum[at][v] = _mm512_fmadd_ps(x, filters[v], sum[at][v]);
          }
        }
#pragma GCC unroll 6
        for (int a = 0; a < kAddresses; a++) address[a] += kUnrolledChannels;
      }
    }
  }
#pragma GCC unroll 16
  for (int at = 0; at < POSITIONS; at++)
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++)
      _mm512_storeu_ps(row.y + (from + at) * outputs + v * kFilterLanes, sum[at][v]);
}

// The last tile of a row may compute some positions twice.
template <int VECTORS, int POSITIONS, int STRIDE, int RIGHT>
QPRUNE_AVX512_TARGET void sumRow(const Row& row) {
  const int64_t last = row.positions - POSITIONS;
  if (last == 0) {
    sumTile<VECTORS, POSITIONS, STRIDE, 1, RIGHT>(row, 0);
    return;
  }
  sumTile<VECTORS, POSITIONS, STRIDE, 1, 0>(row, 0);
  for (int64_t from = POSITIONS; from < last; from += POSITIONS)
    sumTile<VECTORS, POSITIONS, STRIDE, 0, 0>(row, from);
  sumTile<VECTORS, POSITIONS, STRIDE, 0, RIGHT>(row, last);
}

using SumRow = void (*)(const Row& row);

// The longest tile that registers hold and the row has.
template <int STRIDE, int RIGHT>
SumRow sumRowOf(int64_t vectors, int64_t positions) {
  if (vectors == 1 && positions >= 16) return sumRow<1, 16, STRIDE, RIGHT>;
  if (positions >= 8) return vectors == 1 ? sumRow<1, 8, STRIDE, RIGHT> : sumRow<2, 8, STRIDE, RIGHT>;
  return vectors == 1 ? sumRow<1, 4, STRIDE, RIGHT> : sumRow<2, 4, STRIDE, RIGHT>;
}

// Columns of the last window beyond x.
int64_t columnsBeyond(const ConvShape& s) { return (s.outWidth() - 1) * s.stride.columns + kSide - 1 - s.width; }

SumRow sumRowOf(const ConvShape& s, int64_t vectors) {
  const int64_t positions = s.outWidth();
  if (s.stride.columns == 1) return sumRowOf<1, 1>(vectors, positions);
  return columnsBeyond(s) == 1 ? sumRowOf<2, 1>(vectors, positions) : sumRowOf<2, 0>(vectors, positions);
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

bool hasDirectConv() { return hasAvx512(); }

void directConv(const ConvShape& shape, const float* x, const float* kernel, float* y, Parallel& parallel) {
  const ConvShape s = shape;
  // Some vectors of filters for all rows of a range, so that their weights stay in a cache.
  parallelFor(parallel, s.images * s.outHeight(), 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t filter = 0; filter < s.outputs;) {
      const int64_t vectors = std::min<int64_t>(2, (s.outputs - filter) / kFilterLanes);
      const SumRow sum = sumRowOf(s, vectors);
      for (int64_t row = begin; row < end; row++) sum(rowOf(s, x, kernel + filter, y + filter, row));
      filter += vectors * kFilterLanes;
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

#else

bool hasDirectConv() { return false; }
void directConv(const ConvShape&, const float*, const float*, float*, Parallel&) {}
void directInputGradient(const ConvShape&, const float*, const float*, float*, void*, Parallel&) {}

#endif

bool directConvFits(const ConvShape& s) {
  const bool isPlain = s.groups == 1 && s.dilation.rows == 1 && s.dilation.columns == 1;
  const bool hasSide = s.kernelHeight == kSide && s.kernelWidth == kSide;
  const bool hasStride = s.stride.rows == s.stride.columns && (s.stride.rows == 1 || s.stride.rows == 2);
  const bool isPadded = s.padding.top == 1 && s.padding.left == 1 && s.padding.bottom <= 1 && s.padding.right <= 1 &&
                        (s.stride.rows == 2 || (s.padding.bottom == 1 && s.padding.right == 1));
  return isPlain && hasSide && hasStride && isPadded && s.inputs % kUnrolledChannels == 0 &&
         s.outputs % kFilterLanes == 0 && s.outWidth() >= kShortestTile;
}

bool directInputGradientFits(const ConvShape& s) {
  return s.stride.rows == 1 && directConvFits(s) && directConvFits(turnedShape(s));
}

size_t directInputGradientScratchBytes(const ConvShape& s) {
  return static_cast<size_t>(kSide * kSide * s.inputs * s.outputs) * sizeof(float);
}

}  // namespace qprune
