// What the integer convolutions share: how codes are packed into words, and the order of the work.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "../bf16/stored-values.h"
#include "../cpu-features.h"
#include "../scratch.h"
#include "../threads/parallel.h"
#include "integer-conv.h"

#ifdef QPRUNE_X86_KERNELS
#include <immintrin.h>
#endif

namespace qprune {

// Filters of a block: a vector holds one word of each.
constexpr int64_t kLanes = 16;
// Channels of a word of bytes.
constexpr int64_t kBytesPerWord = 4;
// Positions of an output row that are computed together, so that a filter's words are loaded once for all.
constexpr int kPositions = 8;

// A convolution's shape in words. A word holds some of the input channels of one position in one group; the packed
// input is [images, paddedHeight, paddedWidth, groups, words], the packed filters [groups, blocks, filterWords].
struct PackedConvShape : ConvShape {
  PackedConvShape(const ConvShape& shape, int64_t channelsPerWord)
      : ConvShape(shape),
        rows(shape.outHeight()),
        columns(shape.outWidth()),
        groupInputs(inputs / groups),
        groupOutputs(outputs / groups),
        words((groupInputs + channelsPerWord - 1) / channelsPerWord),
        positionWords(groups * words),
        paddedHeight(height + padding.top + padding.bottom),
        paddedWidth(width + padding.left + padding.right),
        blocks((groupOutputs + kLanes - 1) / kLanes),
        filterWords(kernelHeight * kernelWidth * words) {}

  int64_t rows, columns;  // of the output
  int64_t groupInputs, groupOutputs;
  int64_t words, positionWords;
  int64_t paddedHeight, paddedWidth;
  int64_t blocks;       // in one group
  int64_t filterWords;  // of one filter
  bool isStaged = false;  // whether rows of y pass through a buffer

  // Rows of x and of y that are not floats: those of a thread.
  int64_t stagedValues() const { return std::max(width * inputs, columns * outputs); }

  int64_t paddedPositions() const { return images * paddedHeight * paddedWidth; }
  int64_t inputWords() const { return paddedPositions() * positionWords; }
  int64_t blockCount() const { return groups * blocks; }
  int64_t blockWords() const { return blockCount() * filterWords; }
  // Words from a window's first position to that under one of its taps, and between windows of adjacent columns.
  int64_t tapWords(int64_t ky, int64_t kx) const {
    return (ky * dilation.rows * paddedWidth + kx * dilation.columns) * positionWords;
  }
  int64_t stepWords() const { return stride.columns * positionWords; }

  // Whether y bypasses the caches: where it is too large to stay in them and consists of whole vectors.
  bool isStreamed() const {
    const int64_t bytes = images * rows * columns * outputs * static_cast<int64_t>(sizeof(float));
    return !isStaged && bytes >= (8 << 20) && groupOutputs % kLanes == 0;
  }
};

// The lowest `count` of a vector's lanes.
inline uint16_t firstLanes(int64_t count) {
  return static_cast<uint16_t>(count >= kLanes ? 0xffff : (1 << count) - 1);
}

// Calls pack(channels of a position, index of its first word) for every position. Stops and returns false once it does.
template <class Pack>
bool packPositions(const PackedConvShape& s, const Values& x, const PerThread<float>& staged, Parallel& parallel,
                   const Pack& pack) {
  std::atomic<bool> fits{true};
  parallelFor(parallel, s.images * s.height, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t row = begin; row < end; row++) {
      const float* values = x.floats(row * s.width * s.inputs, s.width * s.inputs, staged.of(thread));
      const int64_t paddedRow = row / s.height * s.paddedHeight + row % s.height + s.padding.top;
      for (int64_t column = 0; column < s.width && fits; column++) {
        const int64_t word = (paddedRow * s.paddedWidth + s.padding.left + column) * s.positionWords;
        if (!pack(values + column * s.inputs, word)) fits = false;
      }
    }
  });
  return fits;
}

// Calls pack(block, its first filter, filters from there to the end of the group) for every block of filters.
// Stops and returns false once it does.
template <class Pack>
bool packFilterBlocks(const PackedConvShape& s, Parallel& parallel, const Pack& pack) {
  std::atomic<bool> fits{true};
  parallelFor(parallel, s.blockCount(), 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < end && fits; block++) {
      const int64_t first = block % s.blocks * kLanes;
      if (!pack(block, block / s.blocks * s.groupOutputs + first, s.groupOutputs - first)) fits = false;
    }
  });
  return fits;
}

// Calls compute(index of the first padded position of its first window, thread, outputs) for every output row.
template <class Compute>
void forOutputRows(const PackedConvShape& s, const ConvResults& y, const PerThread<float>& staged, Parallel& parallel,
                   const Compute& compute) {
  parallelFor(parallel, s.images * s.rows, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t paddedRow = row / s.rows * s.paddedHeight + row % s.rows * s.stride.rows;
      const int64_t first = row * s.columns;
      float* const outputs = y.place(first, s.outputs, staged.of(thread));
      compute(paddedRow * s.paddedWidth, thread, outputs);
      y.store(first, s.columns, s.outputs, outputs, thread);
    }
#ifdef QPRUNE_X86_KERNELS
    // Streamed stores become visible to other threads.
    _mm_sfence();
#endif
  });
}

#ifdef QPRUNE_X86_KERNELS
// Writes the values of `lanes` filters at one position.
__attribute__((target("avx512f"))) inline void storeLanes(float* to, __m512 value, uint16_t lanes,
                                                          bool isStreamed) {
  if (isStreamed)
    _mm512_stream_ps(to, value);
  else
    _mm512_mask_storeu_ps(to, lanes, value);
}
#endif

}  // namespace qprune
