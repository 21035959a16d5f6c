// Byte (int8) convolution with AVX2, for inputs and filters of few codes.
//
// The products of two adjacent channels are summed in 16 bits, those of many words too, and the sums are added up in
// 32 bits before 16 could overflow. An input of -1, 0, 1 is stored as 0, 1, 2, in the padding too:
// sum x w = sum (x + 1) w - sum w.
#include "integer-conv-kernels.h"

#ifdef QPRUNE_X86_KERNELS

#include <cstring>

#include "byte-filters.h"
#include "../multiversion.h"
#include "packed-conv.h"
#include "../scratch.h"
#include "weight-codes.h"

namespace qprune {
namespace {

#define QPRUNE_AVX2_TARGET __attribute__((target("avx2")))

constexpr int64_t kHalfLanes = kLanes / 2;
// Positions that fill the registers with both halves of a block.
constexpr int kAvx2Positions = 4;
// With fewer words between two additions in 32 bits, floats are as fast.
constexpr int64_t kLeastRun = 4;

PackedConvShape packedShape(const ConvShape& shape) { return {shape, kBytesPerWord}; }

struct PackedFilters {
  PackedFilters(const PackedConvShape& s, Scratch& memory)
      : bytes(memory.take<FilterBytes>(s.blockWords())), numbers(memory.take<FilterNumbers>(s.blockCount())) {}
  FilterBytes* bytes;
  FilterNumbers* numbers;  // [groups, blocks]
};

struct PackedInput {
  PackedInput(const PackedConvShape& s, int threads, Scratch& memory)
      : words(memory.take<int32_t>(s.inputWords())), staged(memory.takePerThread<float>(s.stagedValues(), threads)) {}
  int32_t* words;  // the grid's offset in the padding
  PerThread<float> staged;
};

// What all windows of a convolution share.
struct Accumulation {
  int64_t run;       // words between two additions in 32 bits
  int32_t offset;    // of the input's codes
  float inputScale;  // of the input's codes
};

// The largest sum of two products.
int largestPair(const IntegerConv& conv, const PackedConvShape& s, const PackedFilters& filters) {
  int32_t largest = 0;
  for (int64_t block = 0; block < s.blockCount(); block++)
    largest = std::max(largest, filters.numbers[block].largestCode);
  return std::max(1, 2 * static_cast<int>(conv.grid.largest) * largest);
}

// The channels of one position as bytes; false where a value is not on the grid.
QPRUNE_AVX2_TARGET bool packPosition(const PackedConvShape& s, const float* x, const InputGrid& grid,
                                     int32_t* words) {
  const __m256 levels = _mm256_set1_ps(grid.levels), largest = _mm256_set1_ps(grid.largest);
  const __m256 offset = _mm256_set1_ps(static_cast<float>(grid.offset));
  const __m256 rounding = _mm256_set1_ps(kInputRounding), zero = _mm256_setzero_ps();
  const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  int others = 0;
  for (int64_t g = 0; g < s.groups; g++, x += s.groupInputs, words += s.words)
    for (int64_t from = 0; from < s.groupInputs; from += kHalfLanes) {
      const int64_t count = std::min(kHalfLanes, s.groupInputs - from);
      alignas(32) float tail[kHalfLanes] = {};
      if (count < kHalfLanes) std::copy(x + from, x + from + count, tail);
      const __m256 v = count < kHalfLanes ? _mm256_load_ps(tail) : _mm256_loadu_ps(x + from);
      const __m256 scaled = _mm256_mul_ps(v, levels);
      const __m256 whole = _mm256_round_ps(scaled, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      const __m256 off = _mm256_and_ps(_mm256_sub_ps(scaled, whole), magnitude);
      const __m256 allowed = _mm256_mul_ps(_mm256_and_ps(whole, magnitude), rounding);
      const __m256 code = _mm256_add_ps(whole, offset);
      others |= _mm256_movemask_ps(_mm256_cmp_ps(off, allowed, _CMP_NLE_UQ));
      others |= _mm256_movemask_ps(_mm256_cmp_ps(code, largest, _CMP_NLE_UQ));
      others |= _mm256_movemask_ps(_mm256_cmp_ps(code, zero, _CMP_NGE_UQ));
      const __m256i wide = _mm256_cvtps_epi32(code);
      const __m128i half = _mm_packus_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
      alignas(8) uint8_t bytes[kHalfLanes];
      _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(half, half));
      std::memcpy(reinterpret_cast<uint8_t*>(words) + from, bytes, static_cast<size_t>(count));
    }
  return others == 0;
}

// Adds the sums of 16 bits, of two adjacent channels each, to those of 32 bits and clears them.
template <int COUNT>
QPRUNE_AVX2_TARGET QPRUNE_INLINE void widen(__m256i (&narrow)[COUNT][2], __m256i (&total)[COUNT][2]) {
  const __m256i one = _mm256_set1_epi16(1);
#pragma GCC unroll 4
  for (int at = 0; at < COUNT; at++)
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      total[at][half] = _mm256_add_epi32(total[at][half], _mm256_madd_epi16(narrow[at][half], one));
      narrow[at][half] = _mm256_setzero_si256();
    }
}

// The lanes below `count` of a half.
QPRUNE_AVX2_TARGET inline __m256i lowLanes(int64_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(std::max<int64_t>(count, 0))), lanes);
}

// COUNT adjacent positions of an output row, for one block of filters.
template <int COUNT>
QPRUNE_AVX2_TARGET void multiplyPositions(const PackedConvShape& s, const int32_t* x,
                                          const FilterBytes* filters, const FilterNumbers& numbers,
                                          const Accumulation& how, int64_t filtersLeft, float* y) {
  const int64_t step = s.stepWords();
  __m256i narrow[COUNT][2], total[COUNT][2];
  for (int at = 0; at < COUNT; at++)
    for (int half = 0; half < 2; half++) narrow[at][half] = total[at][half] = _mm256_setzero_si256();
  int64_t left = how.run;
  for (int64_t ky = 0; ky < s.kernelHeight; ky++)
    for (int64_t kx = 0; kx < s.kernelWidth; kx++) {
      const int32_t* tap = x + s.tapWords(ky, kx);
      for (int64_t word = 0; word < s.words;) {
        const int64_t end = std::min(s.words, word + left);
        left -= end - word;
        for (; word < end; word++, filters++) {
          const auto* lanes = reinterpret_cast<const __m256i*>(filters->lanes);
          const __m256i low = _mm256_load_si256(lanes), high = _mm256_load_si256(lanes + 1);
#pragma GCC unroll 4
          for (int at = 0; at < COUNT; at++) {
            const __m256i values = _mm256_set1_epi32(tap[at * step + word]);
            narrow[at][0] = _mm256_add_epi16(narrow[at][0], _mm256_maddubs_epi16(values, low));
            narrow[at][1] = _mm256_add_epi16(narrow[at][1], _mm256_maddubs_epi16(values, high));
          }
        }
        if (left == 0) {
          widen<COUNT>(narrow, total);
          left = how.run;
        }
      }
    }
  widen<COUNT>(narrow, total);
  const bool isStreamed = s.isStreamed();
  for (int half = 0; half < 2; half++) {
    const __m256 scale =
        _mm256_mul_ps(_mm256_load_ps(numbers.scale + half * kHalfLanes), _mm256_set1_ps(how.inputScale));
    const __m256i codeSum =
        _mm256_load_si256(reinterpret_cast<const __m256i*>(numbers.codeSum + half * kHalfLanes));
    const __m256i excess = _mm256_mullo_epi32(codeSum, _mm256_set1_epi32(how.offset));
    const __m256i lanes = lowLanes(filtersLeft - half * kHalfLanes);
    for (int at = 0; at < COUNT; at++) {
      const __m256 value = _mm256_mul_ps(scale, _mm256_cvtepi32_ps(_mm256_sub_epi32(total[at][half], excess)));
      float* to = y + at * s.outputs + half * kHalfLanes;
      if (isStreamed)
        _mm256_stream_ps(to, value);
      else
        _mm256_maskstore_ps(to, lanes, value);
    }
  }
}

// One row of the output; x: the padded row in which its first window begins.
void multiplyRow(const PackedConvShape& s, const int32_t* x, const PackedFilters& filters,
                 const Accumulation& how, float* y) {
  const int64_t step = s.stepWords();
  for (int64_t block = 0; block < s.blockCount(); block++) {
    const int64_t group = block / s.blocks, first = block % s.blocks * kLanes;
    const FilterBytes* bytes = filters.bytes + block * s.filterWords;
    const FilterNumbers& numbers = filters.numbers[block];
    const int64_t filtersLeft = s.groupOutputs - first;
    const int32_t* from = x + group * s.words;
    float* to = y + group * s.groupOutputs + first;
    int64_t column = 0;
    for (; column + kAvx2Positions <= s.columns; column += kAvx2Positions)
      multiplyPositions<kAvx2Positions>(s, from + column * step, bytes, numbers, how, filtersLeft,
                                        to + column * s.outputs);
    for (; column < s.columns; column++)
      multiplyPositions<1>(s, from + column * step, bytes, numbers, how, filtersLeft, to + column * s.outputs);
  }
}

size_t filterBytes(const ConvShape& shape) { return bytesOf<PackedFilters>(packedShape(shape)); }

size_t workspaceBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<PackedInput>(packedShape(shape), parallel.threads());
}

bool packFilters(const IntegerConv& conv, const float* kernel, void* filters, Parallel& parallel) {
  if (conv.grid.largest > kMaxCode) return false;
  const PackedConvShape s = packedShape(conv.shape);
  const auto packed = layOut<PackedFilters>(filters, s);
  const bool haveCodes = packFilterBlocks(s, parallel, [&](int64_t block, int64_t first, int64_t left) {
    return packByteFilters(s, kernel + first, left, packed.bytes + block * s.filterWords, packed.numbers[block]);
  });
  if (!haveCodes) return false;
  const int pair = largestPair(conv, s, packed);
  return INT16_MAX / pair >= kLeastRun && s.filterWords * kBytesPerWord <= INT32_MAX / pair;
}

bool packInput(const IntegerConv& conv, const Values& x, void* workspace, Parallel& parallel) {
  const PackedConvShape s = packedShape(conv.shape);
  const auto packed = layOut<PackedInput>(workspace, s, parallel.threads());
  std::fill(packed.words, packed.words + s.inputWords(), 0x01010101 * conv.grid.offset);
  return packPositions(s, x, packed.staged, parallel, [&](const float* channels, int64_t word) {
    return packPosition(s, channels, conv.grid, packed.words + word);
  });
}

void convolve(const IntegerConv& conv, const void* filters, void* workspace, const ConvResults& y, Parallel& parallel) {
  PackedConvShape s = packedShape(conv.shape);
  s.isStaged = y.isStaged();
  const auto packed = layOut<PackedFilters>(filters, s);
  const auto input = layOut<PackedInput>(workspace, s, parallel.threads());
  const Accumulation how{INT16_MAX / largestPair(conv, s, packed), conv.grid.offset, 1 / conv.grid.levels};
  forOutputRows(s, y, input.staged, parallel, [&](int64_t position, int, float* outputs) {
    multiplyRow(s, input.words + position * s.positionWords, packed, how, outputs);
  });
}

}  // namespace

const IntegerConvKernel kByteConvAvx2{filterBytes, packFilters, workspaceBytes, packInput, convolve};

}  // namespace qprune

#endif
