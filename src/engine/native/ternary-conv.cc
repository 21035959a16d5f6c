// QpruneTernaryConv: convolution by bit counts where x holds only -1, 0, 1 and each filter only -a, 0, a;
// see core's conv2d.ts. Each operand becomes two bits a value: present (not 0) and negative. The product of
// a filter with a window is a (count(p) - 2 count(p and n)), where p is present in both and n negative in
// one of the two: exact in integers (XNOR-Net, section 3.3, with zeros). y is empty where the processor
// counts no bits in vectors or an operand holds other values; the caller then convolves in floats.
#include <algorithm>
#include <atomic>
#include <vector>

#include "op-kit.h"
#include "parallel.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define QPRUNE_COUNTS_BITS
#include <immintrin.h>
#endif

namespace qprune {
namespace {

#ifdef QPRUNE_COUNTS_BITS

#define QPRUNE_BIT_TARGET __attribute__((target("avx512f,avx512vpopcntdq")))

constexpr int64_t kWordBits = 32;
constexpr int64_t kLanes = 16;
// Positions of a row that are computed together, so that a filter's words are loaded once for all.
constexpr int kPositions = 8;
// Outputs from this size on do not stay in the caches, and are written past them.
constexpr int64_t kStreamFromBytes = 8 << 20;

bool canCountBits() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq");
}

struct Extent {
  int64_t images, height, width, outHeight, outWidth;
  int64_t inputs, outputs, groups, kernelHeight, kernelWidth, pad, stride;

  int64_t groupInputs() const { return inputs / groups; }
  int64_t groupOutputs() const { return outputs / groups; }
  // Words of one position's channels in one group, and blocks of kLanes filters in one group.
  int64_t words() const { return (groupInputs() + kWordBits - 1) / kWordBits; }
  int64_t blocks() const { return (groupOutputs() + kLanes - 1) / kLanes; }
  int64_t paddedHeight() const { return height + 2 * pad; }
  int64_t paddedWidth() const { return width + 2 * pad; }
  int64_t filterWords() const { return kernelHeight * kernelWidth * words(); }
  // Whole vectors, each at a multiple of its size.
  bool isStreamed() const {
    const int64_t bytes = images * outHeight * outWidth * outputs * sizeof(float);
    return bytes >= kStreamFromBytes && groupOutputs() % kLanes == 0;
  }
};

// 32 values of a position's channels.
struct Bits {
  uint32_t present = 0, negative = 0;
};

// One word of 16 filters.
struct alignas(64) FilterBits {
  uint32_t present[kLanes], negative[kLanes];
};

uint16_t firstLanes(int64_t count) {
  return static_cast<uint16_t>(count >= kLanes ? 0xffff : (1 << count) - 1);
}

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
                                      const float* alpha, int64_t lanesLeft, float* y) {
  const int64_t positionWords = e.groups * e.words();
  const int64_t step = e.stride * positionWords;
  __m512i present[COUNT], opposite[COUNT];
  for (int at = 0; at < COUNT; at++) present[at] = opposite[at] = _mm512_setzero_si512();
  for (int64_t ky = 0; ky < e.kernelHeight; ky++)
    for (int64_t kx = 0; kx < e.kernelWidth; kx++) {
      const Bits* tap = x + (ky * e.paddedWidth() + kx) * positionWords;
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
  const uint16_t lanes = firstLanes(lanesLeft);
  const bool isStreamed = e.isStreamed();
#pragma GCC unroll 8
  for (int at = 0; at < COUNT; at++) {
    const __m512i sum = _mm512_sub_epi32(present[at], _mm512_slli_epi32(opposite[at], 1));
    const __m512 value = _mm512_mul_ps(a, _mm512_cvtepi32_ps(sum));
    float* to = y + at * e.outputs;
    if (isStreamed)
      _mm512_stream_ps(to, value);
    else
      _mm512_mask_storeu_ps(to, lanes, value);
  }
}

struct PackedFilters {
  std::vector<FilterBits> bits;  // [groups, blocks, filterWords]
  std::vector<float> alpha;      // [groups, blocks, kLanes]
};

// One row of the output; x: the padded row that its first window begins in.
void countRow(const Extent& e, const Bits* x, const PackedFilters& filters, float* y) {
  for (int64_t g = 0; g < e.groups; g++)
    for (int64_t block = 0; block < e.blocks(); block++) {
      const int64_t at = g * e.blocks() + block;
      const FilterBits* bits = filters.bits.data() + at * e.filterWords();
      const float* alpha = filters.alpha.data() + at * kLanes;
      const int64_t lanes = e.groupOutputs() - block * kLanes;
      const Bits* from = x + g * e.words();
      float* to = y + g * e.groupOutputs() + block * kLanes;
      const int64_t step = e.stride * e.groups * e.words();
      int64_t column = 0;
      for (; column + kPositions <= e.outWidth; column += kPositions)
        countPositions<kPositions>(e, from + column * step, bits, alpha, lanes, to + column * e.outputs);
      for (; column < e.outWidth; column++)
        countPositions<1>(e, from + column * step, bits, alpha, lanes, to + column * e.outputs);
    }
}

bool packAllFilters(const Extent& e, const float* kernel, PackedFilters& filters) {
  const int64_t count = e.groups * e.blocks();
  filters.bits.resize(count * e.filterWords());
  filters.alpha.resize(count * kLanes);
  std::atomic<bool> fits{true};
  parallelFor(count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at++) {
      const int64_t g = at / e.blocks(), first = at % e.blocks() * kLanes;
      if (!packFilters(e, kernel + g * e.groupOutputs() + first, e.groupOutputs() - first,
                       filters.bits.data() + at * e.filterWords(), filters.alpha.data() + at * kLanes))
        fits = false;
    }
  });
  return fits;
}

// bits: [images, paddedHeight, paddedWidth, groups, words], the padding left at 0.
bool packInput(const Extent& e, const float* x, std::vector<Bits>& bits) {
  const int64_t positionWords = e.groups * e.words();
  bits.resize(e.images * e.paddedHeight() * e.paddedWidth() * positionWords);
  std::atomic<bool> fits{true};
  parallelFor(e.images * e.height, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end && fits; row++) {
      const int64_t paddedRow = row / e.height * e.paddedHeight() + row % e.height + e.pad;
      Bits* to = bits.data() + (paddedRow * e.paddedWidth() + e.pad) * positionWords;
      const float* from = x + row * e.width * e.inputs;
      for (int64_t column = 0; column < e.width; column++)
        if (!packPosition(e, from + column * e.inputs, to + column * positionWords)) fits = false;
    }
  });
  return fits;
}

// False where an operand holds other values.
bool convolve(const Extent& e, Run& run) {
  PackedFilters filters;
  std::vector<Bits> x;
  if (!packAllFilters(e, run.input(1), filters) || !packInput(e, run.input(0), x)) return false;
  float* y = run.output(0, {e.images, e.outHeight, e.outWidth, e.outputs});
  parallelFor(e.images * e.outHeight, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t paddedRow = row / e.outHeight * e.paddedHeight() + row % e.outHeight * e.stride;
      countRow(e, x.data() + paddedRow * e.paddedWidth() * e.groups * e.words(), filters,
               y + row * e.outWidth * e.outputs);
    }
    _mm_sfence();
  });
  return true;
}

#endif

struct TernaryConv {
  explicit TernaryConv(const Attributes& a)
      : groups(a.integer("groups")), pad(a.integer("pad")), stride(a.integer("stride")) {}
  void compute(Run& run) const {
#ifdef QPRUNE_COUNTS_BITS
    const Shape x = run.shape(0), kernel = run.shape(1);
    const Extent e{x[0],
                   x[1],
                   x[2],
                   (x[1] + 2 * pad - kernel[0]) / stride + 1,
                   (x[2] + 2 * pad - kernel[1]) / stride + 1,
                   x[3],
                   kernel[3],
                   groups,
                   kernel[0],
                   kernel[1],
                   pad,
                   stride};
    if (canCountBits() && convolve(e, run)) return;
#endif
    run.output(0, {0, 0, 0, 0});
  }
  int64_t groups, pad, stride;
};

const RegisterOp<TernaryConv> ternaryConv("QpruneTernaryConv", {"x: float", "kernel: float"},
                                          {"y: float"}, {"groups: int", "pad: int", "stride: int"});

}  // namespace
}  // namespace qprune
