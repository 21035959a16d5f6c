// The kernels for processors with AVX-512, which multiply bytes (VNNI, or the tiles of AMX) and count bits (VPOPCNTDQ).
#include "structures.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include <immintrin.h>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq,popcnt,prefer-vector-width=512")
#define QPRUNE_TARGET_NAME avx512
#define QPRUNE_TARGET_TEXT "AVX-512 with VNNI and VPOPCNTDQ"
#include "amx.h"
#include "avx512.h"
#include "plan-kernels.h"

namespace qprune {
const PlanKernels* kernelsAvx512() {
  const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vpopcntdq");
  if (!has) return nullptr;
#ifdef QPRUNE_MULTIPLIES_TILES
  static const PlanKernels tiled = [] {
    PlanKernels kernels = avx512::kKernels;
    kernels.instructions = QPRUNE_TARGET_TEXT ", AMX";
    return kernels;
  }();
  if (avx512::hasByteTiles()) return &tiled;
#endif
  return &avx512::kKernels;
}
}  // namespace qprune
#else
namespace qprune {
const PlanKernels* kernelsAvx512() { return nullptr; }
}  // namespace qprune
#endif
