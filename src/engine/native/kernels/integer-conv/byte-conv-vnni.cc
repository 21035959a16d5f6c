// Byte (int8) convolution with AVX-512 VNNI, and with the tiles of AMX where a processor has them.
//
// x holds only k / levels with whole k from 0 to 255; each filter only integer multiples of a scale of its own, up to
// 127 of them, or odd ones up to 255: the grids of DoReFa-Net (eq. 6 and 9) and of binary and ternary weights. An odd
// code j beyond a byte is stored as i = (j - 1) / 2, and sum x j = 2 sum x i + sum x. With AMX, x may also hold -1, 0 and 1.
#include "integer-conv-kernels.h"

#ifdef QPRUNE_X86_KERNELS

#include <algorithm>
#include <atomic>
#include <numeric>

#include "../scratch.h"
#include "byte-tile.h"

namespace qprune {
namespace {

// Blocks of filters that share the loads of x; with kPositions they fill the vector registers.
constexpr int kBlocks = 3;

PackedConvShape packedShape(const ConvShape& shape) {
  PackedConvShape s(shape, kBytesPerWord);
  const WordRuns runs(s);
  s.filterWords = runs.count * runs.stored;
  return s;
}

struct PackedFilters {
  PackedFilters(const PackedConvShape& s, Scratch& memory)
      : bytes(memory.take<VnniFilterBytes>(s.blockWords())),
        numbers(memory.take<VnniFilterNumbers>(s.blockCount())) {}
  VnniFilterBytes* bytes;
  VnniFilterNumbers* numbers;  // [groups, blocks]
};

struct Workspace {
  Workspace(const PackedConvShape& s, int threads, Scratch& memory)
      // Tiles of positions read some after the last row's.
      : words(memory.take<int32_t>(s.inputWords() + kLanes * s.stepWords() + kLanes)),
        sums(memory.take<int32_t>(s.paddedPositions() * s.groups)),
        wordSums(memory.takePerThread<int32_t>(s.paddedWidth * s.positionWords, threads)),
        windowSums(memory.takePerThread<int32_t>(s.columns, threads)),
        staged(memory.takePerThread<float>(s.stagedValues(), threads)) {}
  int32_t* words;  // 0 in the padding
  int32_t* sums;   // of the codes of each position, [images, paddedHeight, paddedWidth, groups], if a filter needs them
  PerThread<int32_t> wordSums;    // of the codes of each word of a padded row
  PerThread<int32_t> windowSums;  // of the codes in the windows of one output row and group, [columns]
  PerThread<float> staged;
};

// COUNT positions of a tile from `column` on, for BLOCKS blocks of filters. A single block adds every second word to sums
// of their own, so that enough products are independent of each other.
template <int COUNT, int BLOCKS>
QPRUNE_VNNI_TARGET void multiplyPositions(const PackedConvShape& s, const ByteTile& tile, float inputScale,
                                          int64_t column) {
  const int64_t step = s.stepWords();
  const int32_t* x = tile.x + column * step;
  const VnniFilterBytes* filters = tile.bytes;
  __m512i total[BLOCKS][COUNT], odd[COUNT];
  for (int block = 0; block < BLOCKS; block++)
    for (int at = 0; at < COUNT; at++) total[block][at] = odd[at] = _mm512_setzero_si512();
  for (int64_t ky = 0; ky < s.kernelHeight; ky++)
    for (int64_t kx = 0; kx < s.kernelWidth; kx++) {
      const int32_t* tap = x + s.tapWords(ky, kx);
      int64_t word = 0;
      for (; BLOCKS == 1 && word + 2 <= s.words; word += 2, filters += 2) {
        const __m512i first = _mm512_load_si512(filters[0].lanes), second = _mm512_load_si512(filters[1].lanes);
#pragma GCC unroll 8
        for (int at = 0; at < COUNT; at++) {
          total[0][at] = _mm512_dpbusd_epi32(total[0][at], _mm512_set1_epi32(tap[at * step + word]), first);
          odd[at] = _mm512_dpbusd_epi32(odd[at], _mm512_set1_epi32(tap[at * step + word + 1]), second);
        }
      }
      for (; word < s.words; word++, filters++) {
        __m512i weights[BLOCKS];
#pragma GCC unroll 3
        for (int block = 0; block < BLOCKS; block++)
          weights[block] = _mm512_load_si512(filters[block * s.filterWords].lanes);
#pragma GCC unroll 8
        for (int at = 0; at < COUNT; at++) {
          const __m512i values = _mm512_set1_epi32(tap[at * step + word]);
#pragma GCC unroll 3
          for (int block = 0; block < BLOCKS; block++)
            total[block][at] = _mm512_dpbusd_epi32(total[block][at], values, weights[block]);
        }
      }
    }
  for (int at = 0; at < COUNT; at++) total[0][at] = _mm512_add_epi32(total[0][at], odd[at]);
#pragma GCC unroll 3
  for (int block = 0; block < BLOCKS; block++) {
    const ByteOutputs outputs(s, tile, block, inputScale);
#pragma GCC unroll 8
    for (int at = 0; at < COUNT; at++) outputs.store(total[block][at], column + at);
  }
}

template <int BLOCKS>
void multiplyTile(const PackedConvShape& s, const ByteTile& tile, float inputScale) {
  int64_t column = 0;
  for (; column + kPositions <= s.columns; column += kPositions)
    multiplyPositions<kPositions, BLOCKS>(s, tile, inputScale, column);
  for (; column < s.columns; column++) multiplyPositions<1, BLOCKS>(s, tile, inputScale, column);
}

// Adds the sums of x's codes under one tap. STEP: from one position of the output to the next; 0: any.
template <int64_t STEP>
QPRUNE_VNNI_TARGET void addTap(const int32_t* sums, int64_t step, int64_t columns, int32_t* windowSums) {
  for (int64_t column = 0; column < columns; column++)
    windowSums[column] += sums[column * (STEP == 0 ? step : STEP)];
}

// The sums of x's codes in the windows of one output row and group.
void sumWindows(const PackedConvShape& s, const int32_t* sums, int32_t* windowSums) {
  const int64_t step = s.stride.columns * s.groups;
  std::fill(windowSums, windowSums + s.columns, 0);
  for (int64_t ky = 0; ky < s.kernelHeight; ky++)
    for (int64_t kx = 0; kx < s.kernelWidth; kx++) {
      const int32_t* tap = sums + (ky * s.dilation.rows * s.paddedWidth + kx * s.dilation.columns) * s.groups;
      if (step == 1) addTap<1>(tap, step, s.columns, windowSums);
      else addTap<0>(tap, step, s.columns, windowSums);
    }
}

// One row of the output. x, sums: the padded row in which its first window begins; sums are null if no filter needs them.
void multiplyRow(const PackedConvShape& s, const int32_t* x, const int32_t* sums, const PackedFilters& filters,
                 const InputGrid& grid, int32_t* windowSums, float* y) {
  const float inputScale = 1 / grid.levels;
  for (int64_t group = 0; group < s.groups; group++) {
    if (sums != nullptr) sumWindows(s, sums + group, windowSums);
    const auto tileAt = [&](int64_t block) {
      const int64_t at = group * s.blocks + block, first = block * kLanes;
      return ByteTile{x + group * s.words, filters.bytes + at * s.filterWords, filters.numbers + at,
                      windowSums, s.groupOutputs - first, y + group * s.groupOutputs + first};
    };
#ifdef QPRUNE_AMX_KERNELS
    if (hasAmx()) {
      multiplyByteTileAmx(s, tileAt(0), s.blocks, inputScale, grid.offset != 0);
      continue;
    }
#endif
    for (int64_t block = 0; block < s.blocks; block += kBlocks)
      switch (std::min<int64_t>(kBlocks, s.blocks - block)) {
        case 3: multiplyTile<3>(s, tileAt(block), inputScale); break;
        case 2: multiplyTile<2>(s, tileAt(block), inputScale); break;
        default: multiplyTile<1>(s, tileAt(block), inputScale);
      }
  }
}

size_t filterBytes(const ConvShape& shape) { return bytesOf<PackedFilters>(packedShape(shape)); }

size_t workspaceBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<Workspace>(packedShape(shape), parallel.threads());
}

bool packFilters(const IntegerConv& conv, const float* kernel, void* filters, Parallel& parallel) {
  const PackedConvShape s = packedShape(conv.shape);
  const int64_t products = s.kernelHeight * s.kernelWidth * s.groupInputs;
  const int64_t largest = conv.grid.offset == 0 ? 255 : 1;
  if (products > INT32_MAX / (255 * largest)) return false;
  const auto packed = layOut<PackedFilters>(filters, s);
  return packFilterBlocks(s, parallel, [&](int64_t block, int64_t first, int64_t left) {
    return packVnniFilters(s, kernel + first, left, packed.bytes + block * s.filterWords, packed.numbers[block]);
  });
}

// One row of x as bytes.
bool packRow(const PackedConvShape& s, const float* x, const InputGrid& grid, int32_t* words) {
  // The channels of all groups and positions follow each other if they fill their words.
  if (s.groupInputs % kBytesPerWord == 0) return packVnniCodes(x, s.width * s.inputs, grid, words);
  bool fits = true;
  std::fill(words, words + s.width * s.positionWords, 0);
  for (int64_t group = 0; group < s.width * s.groups; group++, x += s.groupInputs, words += s.words)
    fits &= packVnniCodes(x, s.groupInputs, grid, words);
  return fits;
}

// One row of x that is stored as codes.
void copyRow(const PackedConvShape& s, const uint8_t* codes, int32_t* words) {
  auto* to = reinterpret_cast<uint8_t*>(words);
  if (s.groupInputs % kBytesPerWord == 0) {
    std::copy(codes, codes + s.width * s.inputs, to);
    return;
  }
  std::fill(words, words + s.width * s.positionWords, 0);
  for (int64_t group = 0; group < s.width * s.groups; group++, codes += s.groupInputs, to += s.words * kBytesPerWord)
    std::copy(codes, codes + s.groupInputs, to);
}

bool packInput(const IntegerConv& conv, const Values& x, void* workspace, Parallel& parallel) {
  const PackedConvShape s = packedShape(conv.shape);
  const auto packed = layOut<Workspace>(workspace, s, parallel.threads());
  const int64_t before = s.padding.left * s.positionWords, own = s.width * s.positionWords;
  const int64_t all = s.paddedWidth * s.positionWords;
  // Codes with a sign fit only the grid with an offset, whose bytes are signed; all others are inspected.
  const bool isCopied = x.storage == Storage::codes || (x.storage == Storage::signedCodes && conv.grid.offset != 0);
  std::atomic<bool> fits{true};
  parallelFor(parallel, s.images * s.paddedHeight, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t row = begin; row < end && fits; row++) {
      int32_t* words = packed.words + row * all;
      const int64_t image = row / s.paddedHeight, from = row % s.paddedHeight - s.padding.top;
      if (from < 0 || from >= s.height) {
        std::fill(words, words + all, 0);
        continue;
      }
      std::fill(words, words + before, 0);
      const int64_t first = (image * s.height + from) * s.width * s.inputs;
      if (isCopied)
        copyRow(s, static_cast<const uint8_t*>(x.at(first)), words + before);
      else if (!packRow(s, x.floats(first, s.width * s.inputs, packed.staged.of(thread)), conv.grid, words + before))
        fits = false;
      std::fill(words + before + own, words + all, 0);
    }
  });
  return fits;
}

// The sums of all positions' codes.
void sumCodes(const PackedConvShape& s, bool isSigned, const Workspace& packed, Parallel& parallel) {
  const int64_t all = s.paddedWidth * s.positionWords;
  parallelFor(parallel, s.images * s.paddedHeight, 1, [&](int64_t begin, int64_t end, int thread) {
    int32_t* words = packed.wordSums.of(thread);
    for (int64_t row = begin; row < end; row++) {
      sumBytes(packed.words + row * all, all, isSigned, words);
      int32_t* sums = packed.sums + row * s.paddedWidth * s.groups;
      for (int64_t i = 0; i < s.paddedWidth * s.groups; i++)
        sums[i] = std::accumulate(words + i * s.words, words + (i + 1) * s.words, 0);
    }
  });
}

// Whether a filter's bytes are halves of its codes.
bool hasHalves(const PackedConvShape& s, const PackedFilters& filters) {
  return std::any_of(filters.numbers, filters.numbers + s.blockCount(), [](const VnniFilterNumbers& numbers) {
    return std::any_of(numbers.half, numbers.half + kLanes, [](int32_t half) { return half != 0; });
  });
}

void convolve(const IntegerConv& conv, const void* filters, void* workspace, const ConvResults& y, Parallel& parallel) {
  PackedConvShape s = packedShape(conv.shape);
  s.isStaged = y.isStaged();
  const auto packed = layOut<PackedFilters>(filters, s);
  const auto input = layOut<Workspace>(workspace, s, parallel.threads());
  const bool needsSums = hasHalves(s, packed);
  if (needsSums) sumCodes(s, conv.grid.offset != 0, input, parallel);
  forOutputRows(s, y, input.staged, parallel, [&](int64_t position, int thread, float* outputs) {
    multiplyRow(s, input.words + position * s.positionWords, needsSums ? input.sums + position * s.groups : nullptr, packed,
                conv.grid, input.windowSums.of(thread), outputs);
  });
}

}  // namespace

const IntegerConvKernel kByteConvVnni{filterBytes, packFilters, workspaceBytes, packInput, convolve};

}  // namespace qprune

#endif
