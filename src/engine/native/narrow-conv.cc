// Convolution in bytes by AVX2, where x holds few codes and each filter few multiples of a factor of its own:
// the products of two neighbouring channels are summed in 16 bits, those of many words too, and what has
// gathered is added up in 32 bits before 16 could overflow. Exact as integers. An input of -1, 0, 1 goes in as
// 0, 1, 2, in the padding too: sum x w = sum (x + 1) w - sum w.
#include "narrow-conv.h"

#ifdef QPRUNE_AVX512

#include <cmath>
#include <vector>

#include "weight-codes.h"

namespace qprune {
namespace {

#define QPRUNE_NARROW_TARGET __attribute__((target("avx2")))

constexpr int64_t kHalfLanes = kLanes / 2;
// Positions that fill the registers with both halves of a block.
constexpr int kNarrowPositions = 4;
constexpr int kMaxWeight = 127;
// With fewer words between two additions in 32 bits, floats are as fast.
constexpr int64_t kLeastRun = 4;

// One word of 16 filters: four channels each.
struct alignas(64) FilterBytes {
  int8_t lanes[kLanes][kWordChannels];
};

struct alignas(64) FilterNumbers {
  float factor[kLanes] = {};     // of a filter's codes
  int32_t codeSum[kLanes] = {};  // of all its codes
};

struct PackedFilters {
  explicit PackedFilters(const Extent& e)
      : bytes(e.groups * e.blocks() * e.filterWords()), numbers(e.groups * e.blocks()) {}
  std::vector<FilterBytes> bytes;      // [groups, blocks, filterWords]
  std::vector<FilterNumbers> numbers;  // [groups, blocks]
  std::atomic<int> most{0};            // the largest |code|
};

// The channels of one position as bytes; false where a value is not on the grid.
QPRUNE_NARROW_TARGET bool packPosition(const Extent& e, const float* x, const InputGrid& grid, int32_t* words) {
  const __m256 levels = _mm256_set1_ps(grid.levels), most = _mm256_set1_ps(grid.most);
  const __m256 offset = _mm256_set1_ps(static_cast<float>(grid.offset));
  const __m256 rounding = _mm256_set1_ps(kInputRounding), zero = _mm256_setzero_ps();
  const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  int others = 0;
  for (int64_t g = 0; g < e.groups; g++, x += e.groupInputs(), words += e.words())
    for (int64_t from = 0; from < e.groupInputs(); from += kHalfLanes) {
      const int64_t count = std::min(kHalfLanes, e.groupInputs() - from);
      alignas(32) float tail[kHalfLanes] = {};
      if (count < kHalfLanes) std::copy(x + from, x + from + count, tail);
      const __m256 v = count < kHalfLanes ? _mm256_load_ps(tail) : _mm256_loadu_ps(x + from);
      const __m256 scaled = _mm256_mul_ps(v, levels);
      const __m256 whole = _mm256_round_ps(scaled, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      const __m256 off = _mm256_and_ps(_mm256_sub_ps(scaled, whole), magnitude);
      const __m256 allowed = _mm256_mul_ps(_mm256_and_ps(whole, magnitude), rounding);
      const __m256 code = _mm256_add_ps(whole, offset);
      others |= _mm256_movemask_ps(_mm256_cmp_ps(off, allowed, _CMP_NLE_UQ));
      others |= _mm256_movemask_ps(_mm256_cmp_ps(code, most, _CMP_NLE_UQ));
      others |= _mm256_movemask_ps(_mm256_cmp_ps(code, zero, _CMP_NGE_UQ));
      const __m256i wide = _mm256_cvtps_epi32(code);
      const __m128i half = _mm_packus_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
      alignas(8) uint8_t bytes[kHalfLanes];
      _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(half, half));
      std::memcpy(reinterpret_cast<uint8_t*>(words) + from, bytes, static_cast<size_t>(count));
    }
  return others == 0;
}

// The factor of each filter of a block; false where one has none.
bool findFactors(const float* kernel, int64_t rows, int64_t stride, int64_t count, const float* largest,
                 float* factor) {
  std::copy(largest, largest + kLanes, factor);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t lane = 0; lane < count; lane++) {
      const float weight = std::fabs(kernel[row * stride + lane]);
      if (weight == 0) continue;
      const float ratio = weight / factor[lane];
      if (std::fabs(ratio - std::nearbyint(ratio)) <= kRatioRounding) continue;
      factor[lane] = widerFactor(factor[lane], weight, largest[lane]);
      if (factor[lane] == 0) return false;
    }
  return true;
}

// Packs a block of up to 16 filters of one group; false where a filter's weights are no codes of a byte.
// kernel: the block's first filter, outputs values between two inputs.
bool packFilters(const Extent& e, const float* kernel, int64_t count, FilterBytes* bytes, FilterNumbers& numbers,
                 std::atomic<int>& most) {
  const int64_t taps = e.kernelHeight * e.kernelWidth, rows = taps * e.groupInputs();
  count = std::min(count, kLanes);
  float largest[kLanes] = {};
  for (int64_t row = 0; row < rows; row++)
    for (int64_t lane = 0; lane < count; lane++) {
      const float weight = std::fabs(kernel[row * e.outputs + lane]);
      largest[lane] = weight <= largest[lane] ? largest[lane] : weight;
    }
  for (int64_t lane = 0; lane < count; lane++)
    if (!std::isfinite(largest[lane])) return false;
  if (!findFactors(kernel, rows, e.outputs, count, largest, numbers.factor)) return false;
  int blockMost = 0;
  for (int64_t tap = 0; tap < taps; tap++)
    for (int64_t channel = 0; channel < e.groupInputs(); channel++) {
      const float* row = kernel + (tap * e.groupInputs() + channel) * e.outputs;
      FilterBytes& word = bytes[tap * e.words() + channel / kWordChannels];
      for (int64_t lane = 0; lane < count; lane++) {
        if (numbers.factor[lane] == 0) continue;
        const float code = std::nearbyint(row[lane] / numbers.factor[lane]);
        const float off = std::fabs(row[lane] - code * numbers.factor[lane]);
        if (!(off <= largest[lane] * kWeightRounding) || !(std::fabs(code) <= kMaxWeight)) return false;
        const int whole = static_cast<int>(code);
        word.lanes[lane][channel % kWordChannels] = static_cast<int8_t>(whole);
        numbers.codeSum[lane] += whole;
        blockMost = std::max(blockMost, std::abs(whole));
      }
    }
  int before = most;
  while (before < blockMost && !most.compare_exchange_weak(before, blockMost)) {
  }
  return true;
}

// Sums of 16 bits, of two neighbouring channels each, added up to 32 bits.
template <int COUNT>
QPRUNE_NARROW_TARGET inline __attribute__((always_inline)) void gather(__m256i (&gathered)[COUNT][2],
                                                                       __m256i (&total)[COUNT][2]) {
  const __m256i one = _mm256_set1_epi16(1);
#pragma GCC unroll 4
  for (int at = 0; at < COUNT; at++)
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      total[at][half] = _mm256_add_epi32(total[at][half], _mm256_madd_epi16(gathered[at][half], one));
      gathered[at][half] = _mm256_setzero_si256();
    }
}

// The lanes below `count` of a half.
QPRUNE_NARROW_TARGET inline __m256i lowLanes(int64_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(std::max<int64_t>(count, 0))), lanes);
}

// What all windows of a convolution share.
struct Sums {
  int64_t run;        // words between two additions in 32 bits
  int offset;         // of the input's bytes
  float inputFactor;  // of its codes
};

// COUNT positions of an output row beside each other, for one block of filters.
template <int COUNT>
QPRUNE_NARROW_TARGET void multiplyPositions(const Extent& e, const int32_t* x, const FilterBytes* filters,
                                            const FilterNumbers& numbers, const Sums& sums, int64_t filtersLeft,
                                            float* y) {
  const int64_t step = e.stride * e.positionWords();
  __m256i gathered[COUNT][2], total[COUNT][2];
  for (int at = 0; at < COUNT; at++)
    for (int half = 0; half < 2; half++) gathered[at][half] = total[at][half] = _mm256_setzero_si256();
  int64_t left = sums.run;
  for (int64_t ky = 0; ky < e.kernelHeight; ky++)
    for (int64_t kx = 0; kx < e.kernelWidth; kx++) {
      const int32_t* tap = x + (ky * e.paddedWidth() + kx) * e.positionWords();
      for (int64_t word = 0; word < e.words();) {
        const int64_t end = std::min(e.words(), word + left);
        left -= end - word;
        for (; word < end; word++, filters++) {
          const auto* lanes = reinterpret_cast<const __m256i*>(filters->lanes);
          const __m256i low = _mm256_load_si256(lanes), high = _mm256_load_si256(lanes + 1);
#pragma GCC unroll 4
          for (int at = 0; at < COUNT; at++) {
            const __m256i values = _mm256_set1_epi32(tap[at * step + word]);
            gathered[at][0] = _mm256_add_epi16(gathered[at][0], _mm256_maddubs_epi16(values, low));
            gathered[at][1] = _mm256_add_epi16(gathered[at][1], _mm256_maddubs_epi16(values, high));
          }
        }
        if (left == 0) {
          gather<COUNT>(gathered, total);
          left = sums.run;
        }
      }
    }
  gather<COUNT>(gathered, total);
  const bool isStreamed = e.isStreamed();
  for (int half = 0; half < 2; half++) {
    const __m256 factor = _mm256_mul_ps(_mm256_load_ps(numbers.factor + half * kHalfLanes),
                                        _mm256_set1_ps(sums.inputFactor));
    const __m256i codeSum =
        _mm256_load_si256(reinterpret_cast<const __m256i*>(numbers.codeSum + half * kHalfLanes));
    const __m256i tooMuch = _mm256_mullo_epi32(codeSum, _mm256_set1_epi32(sums.offset));
    const __m256i lanes = lowLanes(filtersLeft - half * kHalfLanes);
    for (int at = 0; at < COUNT; at++) {
      const __m256 value = _mm256_mul_ps(factor, _mm256_cvtepi32_ps(_mm256_sub_epi32(total[at][half], tooMuch)));
      float* to = y + at * e.outputs + half * kHalfLanes;
      if (isStreamed)
        _mm256_stream_ps(to, value);
      else
        _mm256_maskstore_ps(to, lanes, value);
    }
  }
}

// One row of the output; x: the padded row that its first window begins in.
void multiplyRow(const Extent& e, const int32_t* x, const PackedFilters& filters, const Sums& sums, float* y) {
  const int64_t step = e.stride * e.positionWords();
  for (int64_t at = 0; at < e.groups * e.blocks(); at++) {
    const int64_t group = at / e.blocks(), first = at % e.blocks() * kLanes;
    const FilterBytes* bytes = filters.bytes.data() + at * e.filterWords();
    const FilterNumbers& numbers = filters.numbers[at];
    const int64_t filtersLeft = e.groupOutputs() - first;
    const int32_t* from = x + group * e.words();
    float* to = y + group * e.groupOutputs() + first;
    int64_t column = 0;
    for (; column + kNarrowPositions <= e.outWidth; column += kNarrowPositions)
      multiplyPositions<kNarrowPositions>(e, from + column * step, bytes, numbers, sums, filtersLeft,
                                          to + column * e.outputs);
    for (; column < e.outWidth; column++)
      multiplyPositions<1>(e, from + column * step, bytes, numbers, sums, filtersLeft, to + column * e.outputs);
  }
}

}  // namespace

bool convolveNarrow(const Extent& e, const InputGrid& grid, Run& run) {
  if (!__builtin_cpu_supports("avx2") || grid.most > kMaxCode) return false;
  const float* kernel = run.input(1);
  PackedFilters filters(e);
  const bool areCodes = packFilterBlocks(e, [&](int64_t block, int64_t first, int64_t left) {
    return packFilters(e, kernel + first, left, filters.bytes.data() + block * e.filterWords(),
                       filters.numbers[block], filters.most);
  });
  if (!areCodes) return false;
  const int pair = std::max(1, 2 * static_cast<int>(grid.most) * filters.most);
  const int64_t values = e.filterWords() * kWordChannels;
  const Sums sums{INT16_MAX / pair, grid.offset, 1 / grid.levels};
  if (sums.run < kLeastRun || values > INT32_MAX / pair) return false;
  const float* x = run.input(0);
  // [images, paddedHeight, paddedWidth, groups, words], 0 in the padding.
  std::vector<int32_t> packed(e.packedWords(), 0x01010101 * grid.offset);
  const bool fits = packPositions(e, [&](int64_t position, int64_t word) {
    return packPosition(e, x + position * e.inputs, grid, packed.data() + word);
  });
  if (!fits) return false;
  float* y = run.output(0, {e.images, e.outHeight, e.outWidth, e.outputs});
  forOutputRows(e, [&](int64_t row, int64_t word) {
    multiplyRow(e, packed.data() + word, filters, sums, y + row * e.outWidth * e.outputs);
  });
  return true;
}

}  // namespace qprune

#endif
