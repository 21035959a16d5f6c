// Vectors of eight floats, also from bfloat16, for loops over channels; the compiler splits them where the CPU's are shorter.
#pragma once

#include <cstdint>

#include "bf16/bf16.h"
#include "multiversion.h"

namespace qprune {

constexpr int64_t kVectorFloats = 8;

// At any address of floats.
typedef float FloatVector __attribute__((vector_size(kVectorFloats * sizeof(float)), aligned(alignof(float)), may_alias));

QPRUNE_INLINE FloatVector loadVector(const float* from) { return *reinterpret_cast<const FloatVector*>(from); }
QPRUNE_INLINE FloatVector loadVector(const Bf16* from) {
  typedef Bf16 Halves __attribute__((vector_size(kVectorFloats * sizeof(Bf16)), aligned(alignof(Bf16)), may_alias));
  typedef uint32_t Bits __attribute__((vector_size(kVectorFloats * sizeof(uint32_t))));
  return (FloatVector)(__builtin_convertvector(*reinterpret_cast<const Halves*>(from), Bits) << 16);
}
QPRUNE_INLINE void storeVector(float* to, FloatVector value) { *reinterpret_cast<FloatVector*>(to) = value; }

}  // namespace qprune
