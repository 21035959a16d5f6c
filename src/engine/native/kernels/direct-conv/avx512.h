// What the direct convolutions share: vectors of 16 filters, multiplied and added with one rounding.
#pragma once

#include "../cpu-features.h"

#ifdef QPRUNE_X86_KERNELS
#include <immintrin.h>

#include "../multiversion.h"

#define QPRUNE_AVX512_TARGET __attribute__((target("avx512f")))
#define QPRUNE_AVX512_INLINE QPRUNE_AVX512_TARGET QPRUNE_INLINE
#endif

namespace qprune {

constexpr int64_t kFilterLanes = 16;
// The side of the kernels.
constexpr int kSide = 3;

}  // namespace qprune
