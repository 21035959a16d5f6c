// The gradient of the kernel: for each tap, the sum over all positions of x dy.
#include <algorithm>
#include <cstring>

#include "../scratch.h"
#include "avx512.h"
#include "direct-conv.h"

namespace qprune {
namespace {

// Work is divided by the shape alone, so that the number of threads does not affect a result: into blocks of images,
// which have sums of their own, and blocks of input channels.
constexpr int64_t kMostImageBlocks = 16;
constexpr int64_t kPieces = 32;
// Floats of the sums of all image blocks.
constexpr int64_t kMostSums = 1 << 19;
// Floats of the rows of x and dy that stay in the first cache while they are multiplied.
constexpr int64_t kBlockFloats = 6144;
// Input channels of a tile with one and with two vectors of filters.
constexpr int64_t kChannels1 = 16, kChannels2 = 8;

int64_t kernelSize(const ConvShape& s) { return kSide * kSide * s.inputs * s.outputs; }

int64_t imageBlocks(const ConvShape& s) {
  return std::max<int64_t>(1, std::min({kMostImageBlocks, s.images, kMostSums / kernelSize(s)}));
}

// Input channels of a block: fewer than all where blocks of images are too few for many threads.
int64_t blockChannels(const ConvShape& s) {
  const int64_t tiles = s.inputs / kChannels1;
  const int64_t blocks = std::max<int64_t>(1, std::min(kPieces / imageBlocks(s), tiles));
  return (tiles + blocks - 1) / blocks * kChannels1;
}

struct Layout {
  Layout(const ConvShape& s, Scratch& scratch) : sums(scratch.take<float>((imageBlocks(s) - 1) * kernelSize(s))) {}
  float* sums;  // like the kernel, of each image block after the first, whose sums are the result
};

}  // namespace

#ifdef QPRUNE_X86_KERNELS
namespace {

// Positions of some output rows at which a tap lies within x.
struct Positions {
  const float* x;   // under the tap, at the first position
  const float* dy;  // at the first position
  int64_t rows, columns;
  int64_t rowX, rowDy;    // floats from one row of positions to the next
  int64_t stepX, stepDy;  // floats from one position to the next
};

// Adds the products for CHANNELS input channels of one tap and VECTORS vectors of filters.
template <int VECTORS, int CHANNELS>
QPRUNE_AVX512_TARGET void addTile(const Positions& at, int64_t channel, int64_t filter, float* sums) {
  __m512 sum[CHANNELS][VECTORS];
#pragma GCC unroll 16
  for (int c = 0; c < CHANNELS; c++)
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) sum[c][v] = _mm512_loadu_ps(sums + c * at.stepDy + v * kFilterLanes);
  for (int64_t row = 0; row < at.rows; row++) {
    const float* x = at.x + row * at.rowX + channel;
    const float* dy = at.dy + row * at.rowDy + filter;
    for (int64_t column = 0; column < at.columns; column++, x += at.stepX, dy += at.stepDy) {
      __m512 gradients[VECTORS];
#pragma GCC unroll 2
      for (int v = 0; v < VECTORS; v++) gradients[v] = _mm512_loadu_ps(dy + v * kFilterLanes);
#pragma GCC unroll 16
      for (int c = 0; c < CHANNELS; c++) {
        const __m512 value = _mm512_set1_ps(x[c]);
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) sum[c][v] = _mm512_fmadd_ps(value, gradients[v], sum[c][v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int c = 0; c < CHANNELS; c++)
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) _mm512_storeu_ps(sums + c * at.stepDy + v * kFilterLanes, sum[c][v]);
}

// Adds the products of one tap for the input channels [begin, end) and all filters. sums: [inputs, outputs] of the tap.
void addTap(const ConvShape& s, const Positions& at, int64_t begin, int64_t end, float* sums) {
  for (int64_t filter = 0; filter < s.outputs;) {
    const bool isPair = s.outputs - filter >= 2 * kFilterLanes;
    const int64_t channels = isPair ? kChannels2 : kChannels1;
    for (int64_t c = begin; c < end; c += channels) {
      float* to = sums + c * s.outputs + filter;
      if (isPair) addTile<2, kChannels2>(at, c, filter, to);
      else addTile<1, kChannels1>(at, c, filter, to);
    }
    filter += isPair ? 2 * kFilterLanes : kFilterLanes;
  }
}

// The positions [begin, end) of `count` at which tap k lies within `length` rows or columns.
struct Range {
  Range(int64_t k, int64_t stride, int64_t length, int64_t first, int64_t end)
      : begin(std::max<int64_t>(first, k == 0 ? 1 : 0)), end(length < k ? 0 : std::min(end, (length - k) / stride + 1)) {}
  int64_t begin, end;
};

// Adds the products of one image for the input channels [begin, end).
void addImage(const ConvShape& s, const float* x, const float* dy, int64_t begin, int64_t end, float* sums) {
  const int64_t rows = s.outHeight(), columns = s.outWidth(), stride = s.stride.rows;
  const int64_t blockRows = std::max<int64_t>(1, kBlockFloats / (columns * (s.outputs + s.inputs * stride)));
  for (int64_t first = 0; first < rows; first += blockRows)
    for (int64_t ky = 0; ky < kSide; ky++) {
      const Range down(ky, stride, s.height, first, std::min(rows, first + blockRows));
      for (int64_t kx = 0; kx < kSide && down.begin < down.end; kx++) {
        const Range across(kx, stride, s.width, 0, columns);
        const int64_t row = down.begin * stride + ky - 1, column = across.begin * stride + kx - 1;
        const Positions at{x + (row * s.width + column) * s.inputs,
                           dy + (down.begin * columns + across.begin) * s.outputs,
                           down.end - down.begin,
                           across.end - across.begin,
                           stride * s.width * s.inputs,
                           columns * s.outputs,
                           stride * s.inputs,
                           s.outputs};
        addTap(s, at, begin, end, sums + (ky * kSide + kx) * s.inputs * s.outputs);
      }
    }
}

}  // namespace

void directKernelGradient(const ConvShape& shape, const float* x, const float* dy, float* dKernel, void* scratch,
                          Parallel& parallel) {
  const ConvShape s = shape;
  const auto at = layOut<Layout>(scratch, s);
  const int64_t size = kernelSize(s), blocks = imageBlocks(s), most = blockChannels(s);
  const int64_t channelBlocks = (s.inputs + most - 1) / most;
  const int64_t imageX = s.height * s.width * s.inputs, imageDy = s.outHeight() * s.outWidth() * s.outputs;
  const auto sumsOf = [&](int64_t block) { return block == 0 ? dKernel : at.sums + (block - 1) * size; };
  parallelFor(parallel, blocks * channelBlocks, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t piece = begin; piece < end; piece++) {
      const int64_t block = piece / channelBlocks, channel = piece % channelBlocks * most;
      const int64_t channelEnd = std::min(s.inputs, channel + most);
      float* sums = sumsOf(block);
      for (int64_t tap = 0; tap < kSide * kSide; tap++)
        std::memset(sums + (tap * s.inputs + channel) * s.outputs, 0,
                    (channelEnd - channel) * s.outputs * sizeof(float));
      for (int64_t image = block * s.images / blocks; image < (block + 1) * s.images / blocks; image++)
        addImage(s, x + image * imageX, dy + image * imageDy, channel, channelEnd, sums);
    }
  });
  for (int64_t block = 1; block < blocks; block++)
    for (int64_t i = 0; i < size; i++) dKernel[i] += sumsOf(block)[i];
}

#else

void directKernelGradient(const ConvShape&, const float*, const float*, float*, void*, Parallel&) {}

#endif

bool directKernelGradientFits(const ConvShape& s) { return directConvFits(s) && s.inputs % kChannels1 == 0; }

size_t directKernelGradientScratchBytes(const ConvShape& s) { return bytesOf<Layout>(s); }

}  // namespace qprune
