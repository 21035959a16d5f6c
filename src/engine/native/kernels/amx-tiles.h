// The tile registers of AMX: eight, each with 16 rows of 64 bytes.
//
// A product C += A B takes 16 rows of A, with 32 bfloat16 numbers or 64 bytes each, and 16 rows of B, each of which holds for
// 16 columns the pair of bfloat16 numbers (or the four bytes) that belong to the same place of A's rows.
#pragma once

#include "cpu-features.h"

#ifdef QPRUNE_AMX_KERNELS

#include <cstdint>

#include "multiversion.h"

namespace qprune {

constexpr int64_t kTileRows = 16;
constexpr int64_t kTileRowBytes = 64;

// Makes all tiles of this thread whole ones for as long as it lives. Threads leave none configured: the system would save
// their contents whenever it switches between threads, and oneDNN expects to configure its own.
class WholeTiles {
 public:
  WholeTiles() {
    struct alignas(64) Configuration {
      uint8_t palette = 1, startRow = 0, reserved[14] = {};
      uint16_t rowBytes[16];
      uint8_t rows[16];
    } configuration;
    for (int tile = 0; tile < 16; tile++) {
      configuration.rowBytes[tile] = tile < 8 ? kTileRowBytes : 0;
      configuration.rows[tile] = tile < 8 ? kTileRows : 0;
    }
    asm volatile("ldtilecfg %0" : : "m"(configuration) : "memory");
  }
  ~WholeTiles() { asm volatile("tilerelease" : : : "memory"); }
  WholeTiles(const WholeTiles&) = delete;
};

template <int TILE>
QPRUNE_INLINE void clearTile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(TILE));
}

template <int TILE>
QPRUNE_INLINE void loadTile(const void* from, int64_t rowStep) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(TILE), "r"(from), "r"(rowStep) : "memory");
}

template <int TILE>
QPRUNE_INLINE void storeTile(void* to, int64_t rowStep) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(TILE), "r"(to), "r"(rowStep) : "memory");
}

// SUM += A B in float32, of bfloat16 numbers.
template <int SUM, int A, int B>
QPRUNE_INLINE void multiplyTiles() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(SUM), "i"(A), "i"(B));
}

// SUM += A B in int32, of B's signed bytes and A's, signed or not.
template <bool SIGNED, int SUM, int A, int B>
QPRUNE_INLINE void multiplyByteTiles() {
  if constexpr (SIGNED)
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(SUM), "i"(A), "i"(B));
  else
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(SUM), "i"(A), "i"(B));
}

}  // namespace qprune

#endif
