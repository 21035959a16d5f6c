// The gradient of the kernel: for each tap, the sum over all positions of x dy.
#include <algorithm>
#include <cstring>

#include "../scratch.h"
#include "direct-conv.h"
#include "direct-loops.h"

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

int64_t kernelSize(const ConvShape& s) { return kSide * kSide * s.inputs * s.outputs; }

int64_t imageBlocks(const ConvShape& s) {
  return std::max<int64_t>(1, std::min({kMostImageBlocks, s.images, kMostSums / kernelSize(s)}));
}

// Input channels of a block: fewer than all where blocks of images are too few for many threads.
int64_t blockChannels(const ConvShape& s) {
  const int64_t tiles = s.inputs / kMostLanes;
  const int64_t blocks = std::max<int64_t>(1, std::min(kPieces / imageBlocks(s), tiles));
  return (tiles + blocks - 1) / blocks * kMostLanes;
}

struct Layout {
  Layout(const ConvShape& s, Scratch& scratch) : sums(scratch.take<float>((imageBlocks(s) - 1) * kernelSize(s))) {}
  float* sums;  // like the kernel, of each image block after the first, whose sums are the result
};

// The positions [begin, end) of `count` at which tap k lies within `length` rows or columns.
struct Range {
  Range(int64_t k, int64_t stride, int64_t length, int64_t first, int64_t end)
      : begin(std::max<int64_t>(first, k == 0 ? 1 : 0)), end(length < k ? 0 : std::min(end, (length - k) / stride + 1)) {}
  int64_t begin, end;
};

// Adds the products of one image for the input channels [begin, end).
void addImage(const DirectLoops& loops, const ConvShape& s, const float* x, const float* dy, int64_t begin, int64_t end,
              float* sums) {
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
        loops.addTap(at, begin, end, sums + (ky * kSide + kx) * s.inputs * s.outputs);
      }
    }
}

}  // namespace

void directKernelGradient(const ConvShape& shape, const float* x, const float* dy, float* dKernel, void* scratch,
                          Parallel& parallel) {
  const ConvShape s = shape;
  const DirectLoops& loops = *directLoops();
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
        addImage(loops, s, x + image * imageX, dy + image * imageDy, channel, channelEnd, sums);
    }
  });
  for (int64_t block = 1; block < blocks; block++)
    for (int64_t i = 0; i < size; i++) dKernel[i] += sumsOf(block)[i];
}

bool directKernelGradientFits(const ConvShape& s) { return directConvFits(s) && s.inputs % kMostLanes == 0; }

size_t directKernelGradientScratchBytes(const ConvShape& s) { return bytesOf<Layout>(s); }

}  // namespace qprune
