// Attributes of hot loops: forced inlining, and a clone of a function for every vector width.
#pragma once

// Compiles a function once for each vector width and runs the widest clone that the CPU supports.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define QPRUNE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define QPRUNE_CLONES
#endif
#define QPRUNE_INLINE inline __attribute__((always_inline))
