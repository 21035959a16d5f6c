// The kernels for processors with AVX2, whose loops the compiler vectorizes.
#include "structures.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include <immintrin.h>

#pragma GCC target("avx2,popcnt")
#define QPRUNE_TARGET_NAME avx2
#define QPRUNE_TARGET_TEXT "AVX2"
#include "avx2.h"
#include "plan-kernels.h"

namespace qprune {
const PlanKernels* kernelsAvx2() { return __builtin_cpu_supports("avx2") ? &avx2::kKernels : nullptr; }
}  // namespace qprune
#else
namespace qprune {
const PlanKernels* kernelsAvx2() { return nullptr; }
}  // namespace qprune
#endif
