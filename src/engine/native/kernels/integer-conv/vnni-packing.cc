// Finds the codes of a byte convolution's operands in vectors of AVX-512.
#include "vnni-packing.h"

#ifdef QPRUNE_X86_KERNELS

#include "../fetch-rows.h"
#include "weight-codes.h"

namespace qprune {
namespace {

constexpr float kMaxByte = 127;

QPRUNE_VNNI_TARGET inline __m512 nearestWhole(__m512 x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// The largest |w| of each filter of a block.
QPRUNE_VNNI_TARGET __m512 largestWeights(const float* kernel, int64_t rows, int64_t stride, uint16_t lanes) {
  __m512 largest = _mm512_setzero_ps();
  for (int64_t row = 0; row < rows; row++)
    largest = _mm512_max_ps(largest, _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + row * stride)));
  return largest;
}

// The scale of each filter: the greatest of which all its weights are multiples; 0 where all are 0. False where one
// is below largest / kMaxCode or a weight is not finite.
QPRUNE_VNNI_TARGET bool findScales(const float* kernel, int64_t rows, int64_t stride, uint16_t lanes,
                                   const float* largest, float* scale) {
  alignas(64) float weights[kLanes];
  std::copy(largest, largest + kLanes, scale);
  for (int64_t row = 0; row < rows; row++) {
    const __m512 w = _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, kernel + row * stride));
    const __mmask16 isPresent = _mm512_cmp_ps_mask(w, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512 ratio = _mm512_maskz_div_ps(isPresent, w, _mm512_load_ps(scale));
    const __m512 off = _mm512_abs_ps(_mm512_sub_ps(ratio, nearestWhole(ratio)));
    const __mmask16 isOff = _mm512_cmp_ps_mask(off, _mm512_set1_ps(kRatioRounding), _CMP_NLE_UQ);
    if (isOff == 0) continue;
    _mm512_store_ps(weights, w);
    for (int lane = 0; lane < kLanes; lane++) {
      if (!(isOff >> lane & 1)) continue;
      scale[lane] = extendedScale(scale[lane], weights[lane], largest[lane]);
      if (scale[lane] == 0) return false;
    }
  }
  return true;
}

}  // namespace

QPRUNE_VNNI_TARGET bool packVnniFilters(const PackedConvShape& s, const float* kernel, int64_t count,
                                        VnniFilterBytes* bytes, VnniFilterNumbers& numbers) {
  const uint16_t lanes = firstLanes(count);
  const int64_t taps = s.kernelHeight * s.kernelWidth;
  const int64_t rows = taps * s.groupInputs;
  alignas(64) float largest[kLanes];
  const __m512 most = largestWeights(kernel, rows, s.outputs, lanes);
  _mm512_store_ps(largest, most);
  if (!findScales(kernel, rows, s.outputs, lanes, largest, numbers.scale)) return false;
  const __m512 scale = _mm512_load_ps(numbers.scale);
  const __mmask16 isUsed = _mm512_cmp_ps_mask(scale, _mm512_setzero_ps(), _CMP_NEQ_UQ);
  const __m512 inverse = _mm512_maskz_div_ps(isUsed, _mm512_set1_ps(1), scale);
  const __m512 tolerance = _mm512_mul_ps(most, _mm512_set1_ps(kWeightRounding));
  const __mmask16 isLong =
      _mm512_cmp_ps_mask(_mm512_mul_ps(most, inverse), _mm512_set1_ps(kMaxByte + 0.5f), _CMP_GT_OQ);
  _mm512_store_si512(numbers.half, _mm512_maskz_set1_epi32(isLong, -1));
  uint32_t others = 0;
  const WordRuns runs(s);
  for (int64_t run = 0; run < runs.count; run++) {
    for (int64_t at = 0; at < runs.words; at++, bytes++) {
      const int64_t tap = (run * runs.words + at) / s.words, from = at % s.words * kBytesPerWord;
      __m512i word = _mm512_setzero_si512();
      for (int64_t byte = 0; byte < std::min(kBytesPerWord, s.groupInputs - from); byte++) {
        const float* row = kernel + (tap * s.groupInputs + from + byte) * s.outputs;
        const __m512 w = _mm512_maskz_loadu_ps(lanes, row);
        __m512i code = _mm512_cvtps_epi32(_mm512_mul_ps(w, inverse));
        const __m512 off = _mm512_sub_ps(w, _mm512_mul_ps(_mm512_cvtepi32_ps(code), scale));
        others |= _mm512_cmp_ps_mask(_mm512_abs_ps(off), tolerance, _CMP_NLE_UQ);
        others |= isLong & ~_mm512_test_epi32_mask(code, _mm512_set1_epi32(1));
        // An arithmetic shift is (j - 1) / 2 of an odd j, negative ones included.
        code = _mm512_mask_srai_epi32(code, isLong, code, 1);
        const __m512i low = _mm512_and_si512(code, _mm512_set1_epi32(255));
        word = _mm512_or_si512(word, _mm512_slli_epi32(low, static_cast<unsigned>(8 * byte)));
      }
      _mm512_store_si512(bytes->lanes, word);
    }
    for (int64_t at = runs.words; at < runs.stored; at++, bytes++) _mm512_store_si512(bytes->lanes, _mm512_setzero_si512());
  }
  return others == 0;
}

QPRUNE_VNNI_TARGET bool packVnniCodes(const float* x, int64_t count, const InputGrid& grid, int32_t* words) {
  uint32_t others = 0;
  const __m512 n = _mm512_set1_ps(grid.levels);
  const __m512 most = _mm512_set1_ps(grid.offset == 0 ? kMaxCode : grid.largest - static_cast<float>(grid.offset));
  const __m512 least = _mm512_set1_ps(-static_cast<float>(grid.offset));
  for (int64_t i = 0; i < count; i += kLanes) {
    const uint16_t lanes = firstLanes(count - i);
    fetchAhead(x + i);
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + i), n);
    const __m512 k = nearestWhole(scaled);
    const __m512 off = _mm512_abs_ps(_mm512_sub_ps(scaled, k));
    const __m512 allowed = _mm512_mul_ps(_mm512_abs_ps(k), _mm512_set1_ps(kInputRounding));
    others |= _mm512_cmp_ps_mask(off, allowed, _CMP_NLE_UQ);
    others |= _mm512_cmp_ps_mask(k, most, _CMP_NLE_UQ) | _mm512_cmp_ps_mask(k, least, _CMP_NGE_UQ);
    _mm512_mask_cvtepi32_storeu_epi8(reinterpret_cast<char*>(words) + i, lanes, _mm512_cvtps_epi32(k));
  }
  return others == 0;
}

QPRUNE_VNNI_TARGET void sumBytes(const int32_t* words, int64_t count, bool isSigned, int32_t* sums) {
  const __m512i none = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < count; i += kLanes) {
    const uint16_t lanes = firstLanes(count - i);
    const __m512i bytes = _mm512_maskz_loadu_epi32(lanes, words + i);
    const __m512i sum = isSigned ? _mm512_dpbusd_epi32(none, ones, bytes) : _mm512_dpbusd_epi32(none, bytes, ones);
    _mm512_mask_storeu_epi32(sums + i, lanes, sum);
  }
}

}  // namespace qprune

#endif
