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

// Values that are NaN become 0: a loss does not show them. Tests look for them in the statistics of norms and in weights.
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

// The upper half of a float that bfloat16 represents.
QPRUNE_INLINE uint32_t halfOf(Bf16 value) { return value; }
QPRUNE_INLINE uint32_t halfOf(uint8_t code) { return bitsOf(static_cast<float>(code)) >> 16; }
QPRUNE_INLINE uint32_t halfOf(int8_t code) { return bitsOf(static_cast<float>(code)) >> 16; }

template <class T>
QPRUNE_INLINE void pairAll(const void* const* rows, int64_t pairCount, int64_t count, uint32_t* pairs, int64_t step) {
  const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
  for (int64_t pair = 0; pair < pairCount; pair++, pairs += step) {
    const T* __restrict low = static_cast<const T*>(rows[2 * pair]);
    const T* __restrict high = static_cast<const T*>(rows[2 * pair + 1]);
    uint32_t* __restrict to = pairs;
    if (low != nullptr) fetchBytesAhead(low, bytes);
    if (high != nullptr) fetchBytesAhead(high, bytes);
    if (low != nullptr && high != nullptr)
      for (int64_t i = 0; i < count; i++) to[i] = halfOf(low[i]) | halfOf(high[i]) << 16;
    else if (low != nullptr)
      for (int64_t i = 0; i < count; i++) to[i] = halfOf(low[i]);
    else
      for (int64_t i = 0; i < count; i++) to[i] = high == nullptr ? 0 : halfOf(high[i]) << 16;
  }
}

#define DEFINE_FOR(T, name)                                                                                     \
  QPRUNE_CLONES void pairAll##name(const void* const* rows, int64_t pairCount, int64_t count, uint32_t* pairs, \
                                   int64_t step) {                                                             \
    pairAll<T>(rows, pairCount, count, pairs, step);                                                            \
  }

DEFINE_FOR(Bf16, Bf16)
DEFINE_FOR(uint8_t, Codes)
DEFINE_FOR(int8_t, SignedCodes)

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
  if (isFloat()) return;
  claimBytesAhead(at(first), count * qprune::bytesOf(storage));
  switch (storage) {
    case Storage::float32: return;
    case Storage::bf16: return roundRow(buffer, count, static_cast<Bf16*>(at(first)));
    case Storage::codes: return encodeUnsigned(buffer, levels, count, static_cast<uint8_t*>(at(first)));
    case Storage::signedCodes: return encodeSigned(buffer, levels, count, static_cast<int8_t*>(at(first)));
  }
}

void pairRows(const Values& values, const void* low, const void* high, int64_t count, uint32_t* pairs) {
  const void* const rows[] = {low, high};
  pairAllRows(values, rows, 1, count, pairs, 0);
}

void pairAllRows(const Values& values, const void* const* rows, int64_t pairCount, int64_t count, uint32_t* pairs,
                 int64_t step) {
  switch (values.storage) {
    case Storage::float32:
      return roundPairRows(reinterpret_cast<const float* const*>(rows), pairCount, count, pairs, step);
    case Storage::bf16: return pairAllBf16(rows, pairCount, count, pairs, step);
    case Storage::codes: return pairAllCodes(rows, pairCount, count, pairs, step);
    case Storage::signedCodes: return pairAllSignedCodes(rows, pairCount, count, pairs, step);
  }
}

}  // namespace qprune
