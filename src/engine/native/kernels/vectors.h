// Vectors of eight floats for loops over channels; the compiler splits them where the CPU's are shorter.
#pragma once

#include <cstdint>

#include "multiversion.h"

namespace qprune {

constexpr int64_t kVectorFloats = 8;

// At any address of floats.
typedef float FloatVector __attribute__((vector_size(kVectorFloats * sizeof(float)), aligned(alignof(float)), may_alias));

QPRUNE_INLINE FloatVector loadVector(const float* from) { return *reinterpret_cast<const FloatVector*>(from); }
QPRUNE_INLINE void storeVector(float* to, FloatVector value) { *reinterpret_cast<FloatVector*>(to) = value; }

}  // namespace qprune
