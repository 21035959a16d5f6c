// Values in bfloat16 and codes: widened to floats, rounded, and paired.
#include "stored-values.h"

namespace qprune {
namespace {

// Values of a part of a row of codes.
constexpr int64_t kPart = 512;

QPRUNE_CLONES void widenBf16(const Bf16* __restrict from, int64_t count, float* __restrict to) {
  for (int64_t i = 0; i < count; i++) to[i] = toFloat(from[i]);
}

template <class Code>
QPRUNE_INLINE void decode(const Code* __restrict from, float levels, int64_t count, float* __restrict to) {
  if (levels == 1.0f)
    for (int64_t i = 0; i < count; i++) to[i] = static_cast<float>(from[i]);
  else
    for (int64_t i = 0; i < count; i++) to[i] = static_cast<float>(from[i]) / levels;
}

QPRUNE_CLONES void decodeUnsigned(const uint8_t* from, float levels, int64_t count, float* to) {
  decode(from, levels, count, to);
}
QPRUNE_CLONES void decodeSigned(const int8_t* from, float levels, int64_t count, float* to) {
  decode(from, levels, count, to);
}

// Values that are NaN become 0; the statistics of batch norm still carry a NaN to the loss.
template <class Code>
QPRUNE_INLINE void encode(const float* __restrict from, float levels, int64_t count, Code* __restrict to) {
  for (int64_t i = 0; i < count; i++) {
    const float code = __builtin_rintf(from[i] * levels);
    to[i] = static_cast<Code>(static_cast<int32_t>(code == code ? code : 0.0f));
  }
}

QPRUNE_CLONES void encodeUnsigned(const float* from, float levels, int64_t count, uint8_t* to) {
  encode(from, levels, count, to);
}
QPRUNE_CLONES void encodeSigned(const float* from, float levels, int64_t count, int8_t* to) {
  encode(from, levels, count, to);
}

QPRUNE_CLONES void interleave(const Bf16* __restrict low, const Bf16* __restrict high, int64_t count,
                              uint32_t* __restrict pairs) {
  for (int64_t i = 0; i < count; i++) pairs[i] = pairOf(low[i], high[i]);
}

QPRUNE_CLONES void interleaveWithZeros(const Bf16* __restrict low, int64_t count, uint32_t* __restrict pairs) {
  for (int64_t i = 0; i < count; i++) pairs[i] = low[i];
}

void pairBf16Rows(const Bf16* low, const Bf16* high, int64_t count, uint32_t* pairs) {
  const int64_t bytes = count * static_cast<int64_t>(sizeof(Bf16));
  if (low != nullptr) fetchBytesAhead(low, bytes);
  if (high != nullptr) fetchBytesAhead(high, bytes);
  if (low != nullptr && high != nullptr) return interleave(low, high, count, pairs);
  if (low != nullptr) return interleaveWithZeros(low, count, pairs);
  for (int64_t i = 0; i < count; i++) pairs[i] = high == nullptr ? 0 : pairOf(0, high[i]);
}

void pairCodeRows(const Values& values, const void* low, const void* high, int64_t count, uint32_t* pairs) {
  Bf16 lows[kPart], highs[kPart];
  for (int64_t i = 0; i < count; i += kPart, pairs += kPart) {
    const int64_t part = std::min(kPart, count - i);
    const auto partOf = [&](const void* row, Bf16* to) -> const Bf16* {
      if (row == nullptr) return nullptr;
      Values{row, values.storage, values.levels}.round(i, part, to);
      return to;
    };
    pairBf16Rows(partOf(low, lows), partOf(high, highs), part, pairs);
  }
}

}  // namespace

void Values::widen(int64_t first, int64_t count, float* to) const {
  fetchAhead(first, count);
  switch (storage) {
    case Storage::float32: {
      const auto* from = static_cast<const float*>(at(first));
      std::copy(from, from + count, to);
      return;
    }
    case Storage::bf16: return widenBf16(static_cast<const Bf16*>(at(first)), count, to);
    case Storage::codes: return decodeUnsigned(static_cast<const uint8_t*>(at(first)), levels, count, to);
    case Storage::signedCodes: return decodeSigned(static_cast<const int8_t*>(at(first)), levels, count, to);
  }
}

void Values::round(int64_t first, int64_t count, Bf16* to) const {
  if (isFloat()) return roundRow(static_cast<const float*>(at(first)), count, to);
  if (storage == Storage::bf16) {
    fetchAhead(first, count);
    const auto* from = static_cast<const Bf16*>(at(first));
    std::copy(from, from + count, to);
    return;
  }
  float part[kPart];
  for (int64_t i = 0; i < count; i += kPart) {
    const int64_t size = std::min(kPart, count - i);
    widen(first + i, size, part);
    roundRow(part, size, to + i);
  }
}

void Results::store(int64_t first, int64_t count, const float* buffer) const {
  claimBytesAhead(at(first), count * qprune::bytesOf(storage));
  switch (storage) {
    case Storage::float32: return;
    case Storage::bf16: return roundRow(buffer, count, static_cast<Bf16*>(at(first)));
    case Storage::codes: return encodeUnsigned(buffer, levels, count, static_cast<uint8_t*>(at(first)));
    case Storage::signedCodes: return encodeSigned(buffer, levels, count, static_cast<int8_t*>(at(first)));
  }
}

void pairRows(const Values& values, const void* low, const void* high, int64_t count, uint32_t* pairs) {
  switch (values.storage) {
    case Storage::float32: return roundPairs(static_cast<const float*>(low), static_cast<const float*>(high), count, pairs);
    case Storage::bf16: return pairBf16Rows(static_cast<const Bf16*>(low), static_cast<const Bf16*>(high), count, pairs);
    default: return pairCodeRows(values, low, high, count, pairs);
  }
}

void pairAllRows(const Values& values, const void* const* rows, int64_t pairCount, int64_t count, uint32_t* pairs,
                 int64_t step) {
  if (values.isFloat())
    return roundPairRows(reinterpret_cast<const float* const*>(rows), pairCount, count, pairs, step);
  for (int64_t i = 0; i < pairCount; i++, pairs += step) pairRows(values, rows[2 * i], rows[2 * i + 1], count, pairs);
}

}  // namespace qprune
