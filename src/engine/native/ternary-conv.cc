// QpruneTernaryConv: convolution by bit counts where x holds only -1, 0, 1 and each filter only -a, 0, a;
// see core's conv2d.ts. Each operand becomes two bits a value: present (not 0) and negative. The product of
// a filter with a window is a (count(p) - 2 count(p and n)), where p is present in both and n negative in
// one of the two: exact in integers (XNOR-Net, section 3.3, with zeros). Where the processor counts no bits in
// vectors it goes the narrow way. y is empty where an operand holds other values or neither can be done; the
// caller then convolves in floats.
#include <vector>

#include "narrow-conv.h"

namespace qprune {
namespace {

#ifdef QPRUNE_AVX512

#define QPRUNE_BIT_TARGET __attribute__((target("avx512f,avx512vpopcntdq")))

constexpr int64_t kWordBits = 32;

bool canCountBits() {
  return allowsAvx512() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512vpopcntdq");
}

// 32 values of a position's channels.
struct Bits {
  uint32_t present = 0, negative = 0;
};

// One word of 16 filters.
struct alignas(64) FilterBits {
  uint32_t present[kLanes], negative[kLanes];
};

// Packs the channels of one position, group by group; false where a value is none of -1, 0, 1.
QPRUNE_BIT_TARGET bool packPosition(const Extent& e, const float* x, Bits* bits) {
  const __m512 zero = _mm512_setzero_ps(), one = _mm512_set1_ps(1);
  uint32_t others = 0;
  for (int64_t g = 0; g < e.groups; g++, x += e.groupInputs())
    for (int64_t from = 0; from < e.groupInputs(); from += kWordBits, bits++)
      for (int64_t half = 0; half < kWordBits && from + half < e.groupInputs(); half += kLanes) {
        const uint16_t lanes = firstLanes(e.groupInputs() - from - half);
        const __m512 v = _mm512_maskz_loadu_ps(lanes, x + from + half);
        const uint32_t present = _mm512_cmp_ps_mask(v, zero, _CMP_NEQ_UQ);
        const uint32_t negative = _mm512_cmp_ps_mask(v, zero, _CMP_LT_OQ);
        others |= present & _mm512_cmp_ps_mask(_mm512_abs_ps(v), one, _CMP_NEQ_UQ);
        bits->present |= present << half;
        bits->negative |= negative << half;
      }
  return others == 0;
}

// Packs a block of up to 16 filters of one group and finds each one's a; false where a filter holds other
// values than -a, 0 and a. kernel: the block's first filter, outputs values between two inputs.
QPRUNE_BIT_TARGET bool packFilters(const Extent& e, const float* kernel, int64_t count, FilterBits* bits,
                                   float* alpha) {
  const uint16_t lanes = firstLanes(count);
  const int64_t taps = e.kernelHeight * e.kernelWidth;
  __m512 a = _mm512_setzero_ps();
  for (int64_t i = 0; i < taps * e.groupInputs(); i++)
    a = _mm512_max_ps(a, _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + i * e.outputs)));
  _mm512_storeu_ps(alpha, a);
  uint32_t others = 0;
  for (int64_t tap = 0; tap < taps; tap++)
    for (int64_t from = 0; from < e.groupInputs(); from += kWordBits, bits++) {
      __m512i present = _mm512_setzero_si512(), negative = _mm512_setzero_si512();
      for (int64_t bit = 0; bit < std::min(kWordBits, e.groupInputs() - from); bit++) {
        const float* row = kernel + (tap * e.groupInputs() + from + bit) * e.outputs;
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

// COUNT positions of an output row beside each other, for one block of filters.
template <int COUNT>
QPRUNE_BIT_TARGET void countPositions(const Extent& e, const Bits* x, const FilterBits* filters,
                                      const float* alpha, uint16_t lanes, float* y) {
  const int64_t step = e.stride * e.positionWords();
  __m512i present[COUNT], opposite[COUNT];
  for (int at = 0; at < COUNT; at++) present[at] = opposite[at] = _mm512_setzero_si512();
  for (int64_t ky = 0; ky < e.kernelHeight; ky++)
    for (int64_t kx = 0; kx < e.kernelWidth; kx++) {
      const Bits* tap = x + (ky * e.paddedWidth() + kx) * e.positionWords();
      for (int64_t word = 0; word < e.words(); word++, filters++) {
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
  const __m512 a = _mm512_loadu_ps(alpha);
  const bool isStreamed = e.isStreamed();
#pragma GCC unroll 8
  for (int at = 0; at < COUNT; at++) {
    const __m512i sum = _mm512_sub_epi32(present[at], _mm512_slli_epi32(opposite[at], 1));
    storeLanes(y + at * e.outputs, _mm512_mul_ps(a, _mm512_cvtepi32_ps(sum)), lanes, isStreamed);
  }
}

struct PackedFilters {
  explicit PackedFilters(const Extent& e)
      : bits(e.groups * e.blocks() * e.filterWords()), alpha(e.groups * e.blocks() * kLanes) {}
  std::vector<FilterBits> bits;  // [groups, blocks, filterWords]
  std::vector<float> alpha;      // [groups, blocks, kLanes]
};

// One row of the output; x: the padded row that its first window begins in.
void countRow(const Extent& e, const Bits* x, const PackedFilters& filters, float* y) {
  const int64_t step = e.stride * e.positionWords();
  for (int64_t at = 0; at < e.groups * e.blocks(); at++) {
    const int64_t group = at / e.blocks(), first = at % e.blocks() * kLanes;
    const FilterBits* bits = filters.bits.data() + at * e.filterWords();
    const float* alpha = filters.alpha.data() + at * kLanes;
    const uint16_t lanes = firstLanes(e.groupOutputs() - first);
    const Bits* from = x + group * e.words();
    float* to = y + group * e.groupOutputs() + first;
    int64_t column = 0;
    for (; column + kPositions <= e.outWidth; column += kPositions)
      countPositions<kPositions>(e, from + column * step, bits, alpha, lanes, to + column * e.outputs);
    for (; column < e.outWidth; column++)
      countPositions<1>(e, from + column * step, bits, alpha, lanes, to + column * e.outputs);
  }
}

// False where an operand holds other values.
bool convolve(const Extent& e, Run& run) {
  const float* x = run.input(0);
  const float* kernel = run.input(1);
  // [images, paddedHeight, paddedWidth, groups, words], the padding left at 0.
  std::vector<Bits> packed(e.packedWords());
  PackedFilters filters(e);
  const bool fits =
      packPositions(e,
                    [&](int64_t position, int64_t word) {
                      return packPosition(e, x + position * e.inputs, packed.data() + word);
                    }) &&
      packFilterBlocks(e, [&](int64_t block, int64_t first, int64_t left) {
        return packFilters(e, kernel + first, left, filters.bits.data() + block * e.filterWords(),
                           filters.alpha.data() + block * kLanes);
      });
  if (!fits) return false;
  float* y = run.output(0, {e.images, e.outHeight, e.outWidth, e.outputs});
  forOutputRows(e, [&](int64_t row, int64_t word) {
    countRow(e, packed.data() + word, filters, y + row * e.outWidth * e.outputs);
  });
  return true;
}

#endif

struct TernaryConv {
  explicit TernaryConv(const Attributes& a) : attributes(a) {}
  void compute(Run& run) const {
#ifdef QPRUNE_AVX512
    if (canCountBits() ? convolve(Extent(run, attributes, kWordBits), run)
                       : convolveNarrow(Extent(run, attributes, kWordChannels), {1, 1, 2}, run))
      return;
#endif
    run.output(0, {0, 0, 0, 0});
  }
  ConvAttributes attributes;
};

const RegisterOp<TernaryConv> ternaryConv("QpruneTernaryConv", {"x: float", "kernel: float"},
                                          {"y: float"}, {QPRUNE_CONV_ATTRIBUTES});

}  // namespace
}  // namespace qprune
