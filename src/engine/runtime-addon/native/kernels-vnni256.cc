// The kernels for processors with VNNI in AVX-512 and without VPOPCNTDQ (Cascade Lake), in vectors of 256 bits.
#include "structures.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include <immintrin.h>

#pragma GCC target("avx2,avx512f,avx512vl,avx512vnni,popcnt,prefer-vector-width=256")
#define QPRUNE_TARGET_NAME vnni256
#define QPRUNE_TARGET_TEXT "AVX-512 with VNNI"
#define QPRUNE_DOT_OF_BYTES _mm256_dpbusd_epi32
#define QPRUNE_DOT_OF_SHORTS _mm256_dpwssd_epi32
#include "avx2.h"
#include "plan-kernels.h"

namespace qprune {
const PlanKernels* kernelsVnni256() {
  const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512vnni");
  return has ? &vnni256::kKernels : nullptr;
}
}  // namespace qprune
#else
namespace qprune {
const PlanKernels* kernelsVnni256() { return nullptr; }
}  // namespace qprune
#endif
