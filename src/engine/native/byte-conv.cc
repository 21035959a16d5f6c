// QpruneByteConv: convolution in bytes where x holds only k / input_levels with whole k of 0 to 255 and each
// filter only whole multiples of some factor of its own, up to 127 times, or odd ones up to 255 times: the
// grids of DoReFa-Net (eq. 6 and 9) and of binary and ternary weights; see core's conv2d.ts. Products are
// summed exactly as integers. An odd code j beyond a byte goes in as i = (j - 1) / 2, and
// sum x j = 2 sum x i + sum x. Where the processor has no VNNI, codes of few bits go the narrow way. y is empty
// where it has neither or an operand holds other values; the caller then convolves in floats.
#include <vector>

#include "narrow-conv.h"
#include "weight-codes.h"

namespace qprune {
namespace {

#ifdef QPRUNE_AVX512

#define QPRUNE_BYTE_TARGET __attribute__((target("avx512f,avx512vnni")))

constexpr float kMaxByte = 127;
// Blocks of filters that share the loads of x; with kPositions they fill the vector registers.
constexpr int kBlocks = 3;

bool canMultiplyBytes() {
  return allowsAvx512() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
}

// One word of 16 filters: four channels each.
struct alignas(64) FilterBytes {
  int32_t lanes[kLanes];
};

struct alignas(64) FilterNumbers {
  float factor[kLanes];   // of a filter's codes
  int32_t half[kLanes];   // -1 where the bytes are (j - 1) / 2, else 0
};

QPRUNE_BYTE_TARGET inline __m512 nearestWhole(__m512 x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// The channels of one position as bytes, and their sum in each group; false where a value is not on the grid.
QPRUNE_BYTE_TARGET bool packPosition(const Extent& e, const float* x, float levels, int32_t* words,
                                     int32_t* sums) {
  uint32_t others = 0;
  const __m512 n = _mm512_set1_ps(levels);
  for (int64_t g = 0; g < e.groups; g++, x += e.groupInputs(), words += e.words()) {
    __m512i sum = _mm512_setzero_si512();
    for (int64_t from = 0; from < e.groupInputs(); from += kLanes) {
      const uint16_t lanes = firstLanes(e.groupInputs() - from);
      const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + from), n);
      const __m512 k = nearestWhole(scaled);
      const __m512 off = _mm512_abs_ps(_mm512_sub_ps(scaled, k));
      others |= _mm512_cmp_ps_mask(off, _mm512_mul_ps(k, _mm512_set1_ps(kInputRounding)), _CMP_NLE_UQ);
      others |= _mm512_cmp_ps_mask(k, _mm512_set1_ps(kMaxCode), _CMP_NLE_UQ);
      const __m512i code = _mm512_cvtps_epi32(k);
      _mm512_mask_cvtepi32_storeu_epi8(reinterpret_cast<char*>(words) + from, lanes, code);
      sum = _mm512_add_epi32(sum, code);
    }
    sums[g] = _mm512_reduce_add_epi32(sum);
  }
  return others == 0;
}

// The largest |w| of each filter of a block.
QPRUNE_BYTE_TARGET __m512 largest(const float* kernel, int64_t rows, int64_t stride, uint16_t lanes) {
  __m512 max = _mm512_setzero_ps();
  for (int64_t row = 0; row < rows; row++)
    max = _mm512_max_ps(max, _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + row * stride)));
  return max;
}

// The factor of each filter: the greatest of which all its weights are multiples; 0 where all are 0. False
// where one is below largest / kMaxCode or a weight is not finite.
QPRUNE_BYTE_TARGET bool findFactors(const float* kernel, int64_t rows, int64_t stride, uint16_t lanes,
                                    const float* max, float* factor) {
  alignas(64) float weights[kLanes];
  std::copy(max, max + kLanes, factor);
  for (int64_t row = 0; row < rows; row++) {
    const __m512 w = _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + row * stride));
    const __mmask16 isPresent = _mm512_cmp_ps_mask(w, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512 ratio = _mm512_maskz_div_ps(isPresent, w, _mm512_load_ps(factor));
    const __m512 off = _mm512_abs_ps(_mm512_sub_ps(ratio, nearestWhole(ratio)));
    const __mmask16 isOff = _mm512_cmp_ps_mask(off, _mm512_set1_ps(kRatioRounding), _CMP_NLE_UQ);
    if (isOff == 0) continue;
    _mm512_store_ps(weights, w);
    for (int lane = 0; lane < kLanes; lane++) {
      if (!(isOff >> lane & 1)) continue;
      factor[lane] = widerFactor(factor[lane], weights[lane], max[lane]);
      if (factor[lane] == 0) return false;
    }
  }
  return true;
}

// Packs a block of up to 16 filters of one group; false where a filter's weights are on no grid of codes.
// kernel: the block's first filter, outputs values between two inputs.
QPRUNE_BYTE_TARGET bool packFilters(const Extent& e, const float* kernel, int64_t count,
                                    FilterBytes* bytes, FilterNumbers& numbers) {
  const uint16_t lanes = firstLanes(count);
  const int64_t taps = e.kernelHeight * e.kernelWidth;
  const int64_t rows = taps * e.groupInputs();
  alignas(64) float max[kLanes];
  const __m512 most = largest(kernel, rows, e.outputs, lanes);
  _mm512_store_ps(max, most);
  if (!findFactors(kernel, rows, e.outputs, lanes, max, numbers.factor)) return false;
  const __m512 factor = _mm512_load_ps(numbers.factor);
  const __mmask16 isUsed = _mm512_cmp_ps_mask(factor, _mm512_setzero_ps(), _CMP_NEQ_UQ);
  const __m512 inverse = _mm512_maskz_div_ps(isUsed, _mm512_set1_ps(1), factor);
  const __m512 tolerance = _mm512_mul_ps(most, _mm512_set1_ps(kWeightRounding));
  const __mmask16 isLong =
      _mm512_cmp_ps_mask(_mm512_mul_ps(most, inverse), _mm512_set1_ps(kMaxByte + 0.5f), _CMP_GT_OQ);
  _mm512_store_si512(numbers.half, _mm512_maskz_set1_epi32(isLong, -1));
  uint32_t others = 0;
  for (int64_t tap = 0; tap < taps; tap++)
    for (int64_t from = 0; from < e.groupInputs(); from += kWordChannels, bytes++) {
      __m512i word = _mm512_setzero_si512();
      for (int64_t byte = 0; byte < std::min(kWordChannels, e.groupInputs() - from); byte++) {
        const float* row = kernel + (tap * e.groupInputs() + from + byte) * e.outputs;
        const __m512 w = _mm512_maskz_loadu_ps(lanes, row);
        __m512i code = _mm512_cvtps_epi32(_mm512_mul_ps(w, inverse));
        const __m512 off = _mm512_sub_ps(w, _mm512_mul_ps(_mm512_cvtepi32_ps(code), factor));
        others |= _mm512_cmp_ps_mask(_mm512_abs_ps(off), tolerance, _CMP_NLE_UQ);
        others |= isLong & ~_mm512_test_epi32_mask(code, _mm512_set1_epi32(1));
        // (j - 1) / 2 of an odd j, which an arithmetic shift gives for negative ones too.
        code = _mm512_mask_srai_epi32(code, isLong, code, 1);
        const __m512i low = _mm512_and_si512(code, _mm512_set1_epi32(255));
        word = _mm512_or_si512(word, _mm512_slli_epi32(low, static_cast<unsigned>(8 * byte)));
      }
      _mm512_store_si512(bytes->lanes, word);
    }
  return others == 0;
}

struct PackedInput {
  explicit PackedInput(const Extent& e)
      : words(e.packedWords()), sums(e.images * e.paddedHeight() * e.paddedWidth() * e.groups) {}
  std::vector<int32_t> words;  // [images, paddedHeight, paddedWidth, groups, words], the padding left at 0
  std::vector<int32_t> sums;   // [images, paddedHeight, paddedWidth, groups]
};

struct PackedFilters {
  explicit PackedFilters(const Extent& e)
      : bytes(e.groups * e.blocks() * e.filterWords()), numbers(e.groups * e.blocks()) {}
  std::vector<FilterBytes> bytes;      // [groups, blocks, filterWords]
  std::vector<FilterNumbers> numbers;  // [groups, blocks]
};

// COUNT positions of an output row beside each other, for BLOCKS blocks of filters. sums: those of the windows.
template <int COUNT, int BLOCKS>
QPRUNE_BYTE_TARGET void multiplyPositions(const Extent& e, const int32_t* x, const FilterBytes* filters,
                                          const FilterNumbers* numbers, const int32_t* sums,
                                          float inputFactor, int64_t filtersLeft, float* y) {
  const int64_t step = e.stride * e.positionWords();
  __m512i total[BLOCKS][COUNT];
  for (int block = 0; block < BLOCKS; block++)
    for (int at = 0; at < COUNT; at++) total[block][at] = _mm512_setzero_si512();
  for (int64_t ky = 0; ky < e.kernelHeight; ky++)
    for (int64_t kx = 0; kx < e.kernelWidth; kx++) {
      const int32_t* tap = x + (ky * e.paddedWidth() + kx) * e.positionWords();
      for (int64_t word = 0; word < e.words(); word++, filters++) {
        __m512i weights[BLOCKS];
#pragma GCC unroll 3
        for (int block = 0; block < BLOCKS; block++)
          weights[block] = _mm512_load_si512(filters[block * e.filterWords()].lanes);
#pragma GCC unroll 8
        for (int at = 0; at < COUNT; at++) {
          const __m512i values = _mm512_set1_epi32(tap[at * step + word]);
#pragma GCC unroll 3
          for (int block = 0; block < BLOCKS; block++)
            total[block][at] = _mm512_dpbusd_epi32(total[block][at], values, weights[block]);
        }
      }
    }
  const bool isStreamed = e.isStreamed();
#pragma GCC unroll 3
  for (int block = 0; block < BLOCKS; block++) {
    const __m512 factor =
        _mm512_mul_ps(_mm512_load_ps(numbers[block].factor), _mm512_set1_ps(inputFactor));
    const __m512i half = _mm512_load_si512(numbers[block].half);
    const __mmask16 isHalf = _mm512_test_epi32_mask(half, half);
    const uint16_t lanes = firstLanes(filtersLeft - block * kLanes);
#pragma GCC unroll 8
    for (int at = 0; at < COUNT; at++) {
      const __m512i doubled =
          _mm512_add_epi32(_mm512_slli_epi32(total[block][at], 1), _mm512_set1_epi32(sums[at]));
      const __m512i sum = _mm512_mask_mov_epi32(total[block][at], isHalf, doubled);
      storeLanes(y + at * e.outputs + block * kLanes, _mm512_mul_ps(factor, _mm512_cvtepi32_ps(sum)),
                 lanes, isStreamed);
    }
  }
}

// The sum of x's codes in the windows of one output row and group.
void windowSums(const Extent& e, const int32_t* sums, std::vector<int32_t>& windows) {
  std::fill(windows.begin(), windows.end(), 0);
  for (int64_t ky = 0; ky < e.kernelHeight; ky++)
    for (int64_t kx = 0; kx < e.kernelWidth; kx++)
      for (int64_t column = 0; column < e.outWidth; column++)
        windows[column] += sums[(ky * e.paddedWidth() + kx + column * e.stride) * e.groups];
}

template <int BLOCKS>
void multiplyBlocks(const Extent& e, const int32_t* x, const FilterBytes* filters,
                    const FilterNumbers* numbers, const std::vector<int32_t>& sums, float inputFactor,
                    int64_t filtersLeft, float* y) {
  const int64_t step = e.stride * e.positionWords();
  int64_t column = 0;
  for (; column + kPositions <= e.outWidth; column += kPositions)
    multiplyPositions<kPositions, BLOCKS>(e, x + column * step, filters, numbers, sums.data() + column,
                                          inputFactor, filtersLeft, y + column * e.outputs);
  for (; column < e.outWidth; column++)
    multiplyPositions<1, BLOCKS>(e, x + column * step, filters, numbers, sums.data() + column, inputFactor,
                                 filtersLeft, y + column * e.outputs);
}

// One row of the output. x, sums: the padded row that its first window begins in.
void multiplyRow(const Extent& e, const int32_t* x, const int32_t* sums, const PackedFilters& filters,
                 float inputFactor, float* y) {
  std::vector<int32_t> windows(e.outWidth);
  for (int64_t group = 0; group < e.groups; group++) {
    windowSums(e, sums + group, windows);
    for (int64_t block = 0; block < e.blocks();) {
      const int64_t at = group * e.blocks() + block, first = block * kLanes;
      const FilterBytes* bytes = filters.bytes.data() + at * e.filterWords();
      const FilterNumbers* numbers = filters.numbers.data() + at;
      const int32_t* from = x + group * e.words();
      float* to = y + group * e.groupOutputs() + first;
      const int64_t left = e.groupOutputs() - first, blocks = std::min<int64_t>(kBlocks, e.blocks() - block);
      if (blocks == 3)
        multiplyBlocks<3>(e, from, bytes, numbers, windows, inputFactor, left, to);
      else if (blocks == 2)
        multiplyBlocks<2>(e, from, bytes, numbers, windows, inputFactor, left, to);
      else
        multiplyBlocks<1>(e, from, bytes, numbers, windows, inputFactor, left, to);
      block += blocks;
    }
  }
}

// False where an operand holds other values, or sums could pass 32 bits.
bool convolve(const Extent& e, float levels, Run& run) {
  const int64_t values = e.kernelHeight * e.kernelWidth * e.groupInputs();
  if (values > INT32_MAX / (255 * 255)) return false;
  const float* x = run.input(0);
  const float* kernel = run.input(1);
  PackedInput packed(e);
  PackedFilters filters(e);
  const bool fits =
      packPositions(e,
                    [&](int64_t position, int64_t word) {
                      return packPosition(e, x + position * e.inputs, levels, packed.words.data() + word,
                                          packed.sums.data() + word / e.words());
                    }) &&
      packFilterBlocks(e, [&](int64_t block, int64_t first, int64_t left) {
        return packFilters(e, kernel + first, left, filters.bytes.data() + block * e.filterWords(),
                           filters.numbers[block]);
      });
  if (!fits) return false;
  float* y = run.output(0, {e.images, e.outHeight, e.outWidth, e.outputs});
  forOutputRows(e, [&](int64_t row, int64_t word) {
    multiplyRow(e, packed.words.data() + word, packed.sums.data() + word / e.words(), filters, 1 / levels,
                y + row * e.outWidth * e.outputs);
  });
  return true;
}

#endif

struct ByteConv {
  explicit ByteConv(const Attributes& a) : attributes(a), levels(a.integer("input_levels")) {}
  void compute(Run& run) const {
#ifdef QPRUNE_AVX512
    const Extent extent(run, attributes, kWordChannels);
    const auto n = static_cast<float>(levels);
    if (canMultiplyBytes() ? convolve(extent, n, run) : convolveNarrow(extent, {n, 0, n}, run)) return;
#endif
    run.output(0, {0, 0, 0, 0});
  }
  ConvAttributes attributes;
  int64_t levels;
};

const RegisterOp<ByteConv> byteConv("QpruneByteConv", {"x: float", "kernel: float"}, {"y: float"},
                                    {QPRUNE_CONV_ATTRIBUTES, "input_levels: int"});

}  // namespace
}  // namespace qprune
