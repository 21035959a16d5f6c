// What the convolutions of codes share (ternary-conv.cc, byte-conv.cc, narrow-conv.cc): geometry, packing into words, the
// order of the work. x: [n, h, w, cIn], kernel: [kh, kw, cIn / groups, cOut]; a word holds some of the input
// channels of one position, and a vector of kLanes words those of as many filters.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "op-kit.h"
#include "parallel.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define QPRUNE_AVX512
#include <immintrin.h>
#include <strings.h>
#endif

namespace qprune {

// Filters of a block.
constexpr int64_t kLanes = 16;
// Channels of a word of bytes.
constexpr int64_t kWordChannels = 4;
// Positions of a row that are computed together, so that a filter's words are loaded once for all.
constexpr int kPositions = 8;

struct ConvAttributes {
  explicit ConvAttributes(const Attributes& a)
      : groups(a.integer("groups")), pad(a.integer("pad")), stride(a.integer("stride")) {}
  int64_t groups, pad, stride;
};
#define QPRUNE_CONV_ATTRIBUTES "groups: int", "pad: int", "stride: int"

struct Extent {
  Extent(Run& run, const ConvAttributes& a, int64_t channelsOfWord)
      : groups(a.groups), pad(a.pad), stride(a.stride), channelsOfWord(channelsOfWord) {
    const Shape x = run.shape(0), kernel = run.shape(1);
    images = x[0], height = x[1], width = x[2], inputs = x[3];
    kernelHeight = kernel[0], kernelWidth = kernel[1], outputs = kernel[3];
    outHeight = (height + 2 * pad - kernelHeight) / stride + 1;
    outWidth = (width + 2 * pad - kernelWidth) / stride + 1;
  }
  int64_t images, height, width, inputs, outputs, outHeight, outWidth, kernelHeight, kernelWidth;
  int64_t groups, pad, stride, channelsOfWord;

  int64_t groupInputs() const { return inputs / groups; }
  int64_t groupOutputs() const { return outputs / groups; }
  // Words of one position in one group, and in all.
  int64_t words() const { return (groupInputs() + channelsOfWord - 1) / channelsOfWord; }
  int64_t positionWords() const { return groups * words(); }
  int64_t paddedHeight() const { return height + 2 * pad; }
  int64_t paddedWidth() const { return width + 2 * pad; }
  int64_t packedWords() const { return images * paddedHeight() * paddedWidth() * positionWords(); }
  // Blocks of kLanes filters in one group, and the words of a filter.
  int64_t blocks() const { return (groupOutputs() + kLanes - 1) / kLanes; }
  int64_t filterWords() const { return kernelHeight * kernelWidth * words(); }
  // Large outputs do not stay in the caches and are written past them, where they come in whole vectors.
  bool isStreamed() const {
    const int64_t bytes = images * outHeight * outWidth * outputs * static_cast<int64_t>(sizeof(float));
    return bytes >= (8 << 20) && groupOutputs() % kLanes == 0;
  }
};

// The lowest `count` of a vector's lanes.
inline uint16_t firstLanes(int64_t count) {
  return static_cast<uint16_t>(count >= kLanes ? 0xffff : (1 << count) - 1);
}

// Calls pack(position of x, first of its words) for every position; a false from it ends the work.
template <class Pack>
bool packPositions(const Extent& e, Pack pack) {
  std::atomic<bool> fits{true};
  parallelFor(e.images * e.height, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t paddedRow = row / e.height * e.paddedHeight() + row % e.height + e.pad;
      for (int64_t column = 0; column < e.width && fits; column++) {
        const int64_t word = (paddedRow * e.paddedWidth() + e.pad + column) * e.positionWords();
        if (!pack(row * e.width + column, word)) fits = false;
      }
    }
  });
  return fits;
}

// Calls pack(block, first filter of it, filters left in its group) for every block of filters.
template <class Pack>
bool packFilterBlocks(const Extent& e, Pack pack) {
  std::atomic<bool> fits{true};
  parallelFor(e.groups * e.blocks(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end && fits; at++) {
      const int64_t first = at % e.blocks() * kLanes;
      if (!pack(at, at / e.blocks() * e.groupOutputs() + first, e.groupOutputs() - first)) fits = false;
    }
  });
  return fits;
}

// Calls compute(output row, first word of the row that its first window begins in) for every output row.
template <class Compute>
void forOutputRows(const Extent& e, Compute compute) {
  parallelFor(e.images * e.outHeight, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t paddedRow = row / e.outHeight * e.paddedHeight() + row % e.outHeight * e.stride;
      compute(row, paddedRow * e.paddedWidth() * e.positionWords());
    }
#ifdef QPRUNE_AVX512
    _mm_sfence();
#endif
  });
}

#ifdef QPRUNE_AVX512
// False where the environment holds TensorFlow's own convolutions below AVX-512: then these stay there too.
inline bool allowsAvx512() {
  static const bool allows = [] {
    const char* most = std::getenv("ONEDNN_MAX_CPU_ISA");
    return most == nullptr ||
           (strncasecmp(most, "SSE", 3) != 0 && strcasecmp(most, "AVX") != 0 && strncasecmp(most, "AVX2", 4) != 0);
  }();
  return allows;
}

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
