// The kernels for processors with AVX-VNNI and without AVX-512, as in most desktops since 2021.
#include "structures.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include <immintrin.h>

#pragma GCC target("avx2,avxvnni,popcnt")
#define QPRUNE_TARGET_NAME avxvnni
#define QPRUNE_TARGET_TEXT "AVX2 with VNNI"
#define QPRUNE_DOT_OF_BYTES _mm256_dpbusd_avx_epi32
#define QPRUNE_DOT_OF_SHORTS _mm256_dpwssd_avx_epi32
#include "avx2.h"
#include "plan-kernels.h"

namespace qprune {
const PlanKernels* kernelsAvxVnni() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avxvnni") ? &avxvnni::kKernels : nullptr;
}
}  // namespace qprune
#else
namespace qprune {
const PlanKernels* kernelsAvxVnni() { return nullptr; }
}  // namespace qprune
#endif
