// Values of a tensor that is stored as floats, in bfloat16, or as the codes of a quantizer, one byte each. Kernels compute with floats: they take values a few rows at a
// time, in place where they are floats, otherwise through a buffer that stays in the first cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../fetch-rows.h"
#include "bf16.h"
#include "round-rows.h"

namespace qprune {

// A code k is the value k / levels. Codes are whole numbers from 0 to 255, signed ones from -128 to 127.
enum class Storage { float32, bf16, codes, signedCodes };

constexpr bool holdsCodes(Storage storage) { return storage == Storage::codes || storage == Storage::signedCodes; }

constexpr int64_t bytesOf(Storage storage) {
  return holdsCodes(storage) ? 1 : storage == Storage::bf16 ? sizeof(Bf16) : sizeof(float);
}

// Values to read.
struct Values {
  const void* data = nullptr;
  Storage storage = Storage::float32;
  float levels = 1;  // of codes

  bool isFloat() const { return storage == Storage::float32; }
  const void* at(int64_t index) const { return static_cast<const char*>(data) + index * bytesOf(storage); }
  Values from(int64_t index) const { return {at(index), storage, levels}; }
  // Null without values.
  const void* atOrNull(int64_t index) const { return data == nullptr ? nullptr : at(index); }

  // The same with the codes themselves as values.
  Values ofCodes() const { return {data, storage, 1}; }

  // Fetches what follows `count` values from `first` on into the cache.
  void fetchAhead(int64_t first, int64_t count) const {
    if (data != nullptr) fetchBytesAhead(at(first), count * qprune::bytesOf(storage));
  }

  // `count` values from `first` on: where they are, or in the buffer.
  const float* floats(int64_t first, int64_t count, float* buffer) const {
    if (isFloat()) return static_cast<const float*>(at(first));
    widen(first, count, buffer);
    return buffer;
  }

  // The same, copied to floats.
  void widen(int64_t first, int64_t count, float* to) const;

  // The same in bfloat16, rounded or copied.
  void round(int64_t first, int64_t count, Bf16* to) const;
};

// Values to write.
struct Results {
  void* data = nullptr;
  Storage storage = Storage::float32;
  float levels = 1;  // of codes

  bool isFloat() const { return storage == Storage::float32; }
  void* at(int64_t index) const { return static_cast<char*>(data) + index * bytesOf(storage); }
  Results from(int64_t index) const { return {at(index), storage, levels}; }

  // The same with the codes themselves as values.
  Results ofCodes() const { return {data, storage, 1}; }

  // Where to compute the values from `first` on: where they are stored, or in the buffer. Afterwards call store().
  float* place(int64_t first, float* buffer) const { return isFloat() ? static_cast<float*>(at(first)) : buffer; }

  // Stores `count` values that were computed in the buffer. Those of codes lie on their grid.
  void store(int64_t first, int64_t count, const float* buffer) const;
};

// pairs[i] = (low[i], high[i]) in bfloat16, of rows of `values`; null rows are zeros. Of codes, the numbers are the codes
// themselves, which bfloat16 represents.
void pairRows(const Values& values, const void* low, const void* high, int64_t count, uint32_t* pairs);

// The same for several pairs of rows: those of pair i are rows[2 i] and rows[2 i + 1], and it is written to pairs + i step.
void pairAllRows(const Values& values, const void* const* rows, int64_t pairCount, int64_t count, uint32_t* pairs, int64_t step);

// Values that pass through a buffer together, and rows of as many: about 8 KiB of each array.
constexpr int64_t kStagedValues = 2048;
inline int64_t stagedRows(int64_t channels) { return std::max<int64_t>(1, kStagedValues / std::max<int64_t>(1, channels)); }

}  // namespace qprune
