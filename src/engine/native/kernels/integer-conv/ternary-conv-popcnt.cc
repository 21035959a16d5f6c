// Ternary convolution by counting bits, with AVX-512 VPOPCNTDQ (XNOR-Net, section 3.3, extended by zeros).
//
// x holds only -1, 0, 1 and each filter only -a, 0, a. An operand becomes two bits per value: present (not 0) and
// negative. The product of a filter and a window is a (count(p) - 2 count(p and n)), where p has the values present
// in both and n those negative in one of them.
#include "integer-conv-kernels.h"

#ifdef QPRUNE_X86_KERNELS

#include "packed-conv.h"
#include "../scratch.h"

namespace qprune {
namespace {

#define QPRUNE_POPCNT_TARGET __attribute__((target("avx512f,avx512vpopcntdq")))

constexpr int64_t kBitsPerWord = 32;

// 32 channels of one position.
struct Bits {
  uint32_t present = 0, negative = 0;
};

// One word of 16 filters.
struct alignas(64) FilterBits {
  uint32_t present[kLanes], negative[kLanes];
};

PackedConvShape packedShape(const ConvShape& shape) { return {shape, kBitsPerWord}; }

struct PackedFilters {
  PackedFilters(const PackedConvShape& s, Scratch& memory)
      : bits(memory.take<FilterBits>(s.blockWords())), scale(memory.take<float>(s.blockCount() * kLanes)) {}
  FilterBits* bits;
  float* scale;  // a of each filter, [groups, blocks, kLanes]
};

struct PackedInput {
  PackedInput(const PackedConvShape& s, int threads, Scratch& memory)
      : bits(memory.take<Bits>(s.inputWords())), staged(memory.takePerThread<float>(s.stagedValues(), threads)) {}
  Bits* bits;  // 0 in the padding
  PerThread<float> staged;
};

// Packs a block of up to 16 filters of one group and finds each one's a; false where a filter holds other values
// than -a, 0 and a. kernel: the block's first filter, with `outputs` values from one input to the next.
QPRUNE_POPCNT_TARGET bool packBlock(const PackedConvShape& s, const float* kernel, int64_t count,
                                    FilterBits* bits, float* scale) {
  const uint16_t lanes = firstLanes(count);
  const int64_t taps = s.kernelHeight * s.kernelWidth;
  __m512 a = _mm512_setzero_ps();
  for (int64_t i = 0; i < taps * s.groupInputs; i++)
    a = _mm512_max_ps(a, _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + i * s.outputs)));
  _mm512_storeu_ps(scale, a);
  uint32_t others = 0;
  for (int64_t tap = 0; tap < taps; tap++)
    for (int64_t from = 0; from < s.groupInputs; from += kBitsPerWord, bits++) {
      __m512i present = _mm512_setzero_si512(), negative = _mm512_setzero_si512();
      for (int64_t bit = 0; bit < std::min(kBitsPerWord, s.groupInputs - from); bit++) {
        const float* row = kernel + (tap * s.groupInputs + from + bit) * s.outputs;
        const __m512 v = _mm512_maskz_loadu_ps(lanes, row);
        const __m512i one = _mm512_set1_epi32(static_cast<int>(1u << bit));
        const __mmask16 isPresent = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
        const __mmask16 isNegative = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ);
        others |= isPresent & _mm512_cmp_ps_mask(_mm512_abs_ps(v), a, _CMP_NEQ_UQ);
        present = _mm512_mask_or_epi32(present, isPresent, present, one);
        negative = _mm512_mask_or_epi32(negative, isNegative, negative, one);
      }
      _mm512_store_si512(bits->present, present);
      _mm512_store_si512(bits->negative, negative);
    }
  return others == 0;
}

// Packs the channels of one position, group by group; false where a value is none of -1, 0, 1.
QPRUNE_POPCNT_TARGET bool packPosition(const PackedConvShape& s, const float* x, Bits* bits) {
  const __m512 zero = _mm512_setzero_ps(), one = _mm512_set1_ps(1);
  uint32_t others = 0;
  for (int64_t g = 0; g < s.groups; g++, x += s.groupInputs)
    for (int64_t from = 0; from < s.groupInputs; from += kBitsPerWord, bits++)
      for (int64_t half = 0; half < kBitsPerWord && from + half < s.groupInputs; half += kLanes) {
        const uint16_t lanes = firstLanes(s.groupInputs - from - half);
        const __m512 v = _mm512_maskz_loadu_ps(lanes, x + from + half);
        const uint32_t present = _mm512_cmp_ps_mask(v, zero, _CMP_NEQ_UQ);
        const uint32_t negative = _mm512_cmp_ps_mask(v, zero, _CMP_LT_OQ);
        others |= present & _mm512_cmp_ps_mask(_mm512_abs_ps(v), one, _CMP_NEQ_UQ);
        bits->present |= present << half;
        bits->negative |= negative << half;
      }
  return others == 0;
}

// COUNT adjacent positions of an output row, for one block of filters.
template <int COUNT>
QPRUNE_POPCNT_TARGET void countPositions(const PackedConvShape& s, const Bits* x, const FilterBits* filters,
                                         const float* scale, uint16_t lanes, float* y) {
  const int64_t step = s.stepWords();
  __m512i present[COUNT], opposite[COUNT];
  for (int at = 0; at < COUNT; at++) present[at] = opposite[at] = _mm512_setzero_si512();
  for (int64_t ky = 0; ky < s.kernelHeight; ky++)
    for (int64_t kx = 0; kx < s.kernelWidth; kx++) {
      const Bits* tap = x + s.tapWords(ky, kx);
      for (int64_t word = 0; word < s.words; word++, filters++) {
        const __m512i filterPresent = _mm512_load_si512(filters->present);
        const __m512i filterNegative = _mm512_load_si512(filters->negative);
#pragma GCC unroll 8
        for (int at = 0; at < COUNT; at++) {
          const Bits& bits = tap[at * step + word];
          const __m512i both =
              _mm512_and_si512(filterPresent, _mm512_set1_epi32(static_cast<int>(bits.present)));
          const __m512i differ = _mm512_and_si512(
              both,
              _mm512_xor_si512(filterNegative, _mm512_set1_epi32(static_cast<int>(bits.negative))));
          present[at] = _mm512_add_epi32(present[at], _mm512_popcnt_epi32(both));
          opposite[at] = _mm512_add_epi32(opposite[at], _mm512_popcnt_epi32(differ));
        }
      }
    }
  const __m512 a = _mm512_loadu_ps(scale);
  const bool isStreamed = s.isStreamed();
#pragma GCC unroll 8
  for (int at = 0; at < COUNT; at++) {
    const __m512i sum = _mm512_sub_epi32(present[at], _mm512_slli_epi32(opposite[at], 1));
    storeLanes(y + at * s.outputs, _mm512_mul_ps(a, _mm512_cvtepi32_ps(sum)), lanes, isStreamed);
  }
}

// One row of the output; x: the padded row in which its first window begins.
void countRow(const PackedConvShape& s, const Bits* x, const PackedFilters& filters, float* y) {
  const int64_t step = s.stepWords();
  for (int64_t block = 0; block < s.blockCount(); block++) {
    const int64_t group = block / s.blocks, first = block % s.blocks * kLanes;
    const FilterBits* bits = filters.bits + block * s.filterWords;
    const float* scale = filters.scale + block * kLanes;
    const uint16_t lanes = firstLanes(s.groupOutputs - first);
    const Bits* from = x + group * s.words;
    float* to = y + group * s.groupOutputs + first;
    int64_t column = 0;
    for (; column + kPositions <= s.columns; column += kPositions)
      countPositions<kPositions>(s, from + column * step, bits, scale, lanes, to + column * s.outputs);
    for (; column < s.columns; column++)
      countPositions<1>(s, from + column * step, bits, scale, lanes, to + column * s.outputs);
  }
}

size_t filterBytes(const ConvShape& shape) { return bytesOf<PackedFilters>(packedShape(shape)); }

size_t workspaceBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<PackedInput>(packedShape(shape), parallel.threads());
}

bool packFilters(const IntegerConv& conv, const float* kernel, void* filters, Parallel& parallel) {
  const PackedConvShape s = packedShape(conv.shape);
  const auto packed = layOut<PackedFilters>(filters, s);
  return packFilterBlocks(s, parallel, [&](int64_t block, int64_t first, int64_t left) {
    return packBlock(s, kernel + first, left, packed.bits + block * s.filterWords, packed.scale + block * kLanes);
  });
}

bool packInput(const IntegerConv& conv, const Values& x, void* workspace, Parallel& parallel) {
  const PackedConvShape s = packedShape(conv.shape);
  const auto packed = layOut<PackedInput>(workspace, s, parallel.threads());
  std::fill(packed.bits, packed.bits + s.inputWords(), Bits());
  return packPositions(s, x, packed.staged, parallel, [&](const float* channels, int64_t word) {
    return packPosition(s, channels, packed.bits + word);
  });
}

void convolve(const IntegerConv& conv, const void* filters, void* workspace, const ConvResults& y, Parallel& parallel) {
  PackedConvShape s = packedShape(conv.shape);
  s.isStaged = y.isStaged();
  const auto packed = layOut<PackedFilters>(filters, s);
  const auto input = layOut<PackedInput>(workspace, s, parallel.threads());
  forOutputRows(s, y, input.staged, parallel, [&](int64_t position, int, float* outputs) {
    countRow(s, input.bits + position * s.positionWords, packed, outputs);
  });
}

}  // namespace

const IntegerConvKernel kTernaryConvPopcnt{filterBytes, packFilters, workspaceBytes, packInput, convolve};

}  // namespace qprune

#endif
