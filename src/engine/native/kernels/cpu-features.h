// The x86 vector extensions that the convolutions require, and whether this CPU has them.
#pragma once

#include <cstdlib>

namespace qprune {

// Whether the bfloat16 convolutions of a CPU without AMX arrange their operands as for AMX, so that the layouts can be tested
// on any CPU.
inline bool emulatesAmx() {
  static const bool emulates = std::getenv("QPRUNE_EMULATE_AMX") != nullptr;
  return emulates;
}

}  // namespace qprune

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
// Defined where kernels written with x86 intrinsics are compiled; the CPU is checked when they are chosen.
#define QPRUNE_X86_KERNELS

#include <cpuid.h>
#include <strings.h>

#include <cstring>

namespace qprune {

// False where ONEDNN_MAX_CPU_ISA keeps TensorFlow's convolutions below AVX-512: the same limit then holds here.
inline bool allowsAvx512() {
  static const bool allows = [] {
    const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
    return limit == nullptr || (strncasecmp(limit, "SSE", 3) != 0 && strcasecmp(limit, "AVX") != 0 &&
                                strncasecmp(limit, "AVX2", 4) != 0);
  }();
  return allows;
}

inline bool hasAvx2() { return __builtin_cpu_supports("avx2"); }

// Multiplies and adds with one rounding.
inline bool hasFma() { return hasAvx2() && __builtin_cpu_supports("fma"); }

inline bool hasAvx512() { return allowsAvx512() && __builtin_cpu_supports("avx512f"); }

// Counts bits in vectors of 32-bit lanes.
inline bool hasVpopcntdq() {
  return allowsAvx512() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq");
}

// Multiplies bytes and accumulates in 32 bits.
inline bool hasVnni() {
  return allowsAvx512() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
}

#if __GNUC__ >= 10
// Compilers that know the instructions of AVX512-BF16.
#define QPRUNE_BF16_KERNELS

// Multiplies pairs of bfloat16 numbers and accumulates in float32.
inline bool hasBf16Products() {
  static const bool has = [] {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 5 & 1) != 0;
  }();
  return has && hasAvx512();
}
#endif

#if defined(QPRUNE_BF16_KERNELS) && defined(__linux__)
// Where a process can ask for the tile registers of AMX. Its instructions are written as bytes (amx-tiles.h).
#define QPRUNE_AMX_KERNELS

// Whether ONEDNN_MAX_CPU_ISA lets TensorFlow use AMX.
inline bool allowsAmx() {
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  return limit == nullptr || *limit == '\0' || strcasecmp(limit, "DEFAULT") == 0 || strcasestr(limit, "AMX") != nullptr;
}

// Asks Linux for the tile registers, which a process has to do before it uses them.
inline bool requestTiles() {
  constexpr long kArchPrctl = 158, kRequestPermission = 0x1023, kTileData = 18;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(kArchPrctl), "D"(kRequestPermission), "S"(kTileData)
               : "rcx", "r11", "memory");
  return result == 0;
}

// Multiplies tiles of bfloat16 numbers and of bytes.
inline bool hasAmx() {
  static const bool has = [] {
    constexpr unsigned kBf16 = 1u << 22, kTiles = 1u << 24, kBytes = 1u << 25;
    constexpr unsigned kAll = kBf16 | kTiles | kBytes;
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || (edx & kAll) != kAll) return false;
    return allowsAmx() && requestTiles();
  }();
  return has && hasBf16Products();
}
#endif

}  // namespace qprune

#endif
