// The tile registers of AMX: eight, each with 16 rows of 64 bytes.
//
// A product C += A B takes 16 rows of A, with 32 bfloat16 numbers or 64 bytes each, and 16 rows of B, each of which holds for
// 16 columns the pair of bfloat16 numbers (or the four bytes) that belong to the same place of A's rows.
//
// Instructions are written as bytes, so that assemblers of before 2021, which do not know them, are no obstacle. Those that
// address memory use rax, and rcx as the step between rows.
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
    asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0x00" : : "a"(&configuration), "m"(configuration));  // ldtilecfg
  }
  ~WholeTiles() { asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0xc0" : : : "memory"); }  // tilerelease
  WholeTiles(const WholeTiles&) = delete;
};

template <int TILE>
QPRUNE_INLINE void clearTile() {
  asm volatile(".byte 0xc4, 0xe2, 0x7b, 0x49, %c0" : : "i"(0xc0 | TILE << 3));  // tilezero
}

template <int TILE>
QPRUNE_INLINE void loadTile(const void* from, int64_t rowStep) {
  asm volatile(".byte 0xc4, 0xe2, 0x7b, 0x4b, %c0, 0x08"  // tileloadd
               :
               : "i"(0x04 | TILE << 3), "a"(from), "c"(rowStep)
               : "memory");
}

template <int TILE>
QPRUNE_INLINE void storeTile(void* to, int64_t rowStep) {
  asm volatile(".byte 0xc4, 0xe2, 0x7a, 0x4b, %c0, 0x08"  // tilestored
               :
               : "i"(0x04 | TILE << 3), "a"(to), "c"(rowStep)
               : "memory");
}

// The third byte of a product with B, which names it inverted, after the bits of the product; its operands SUM and A.
constexpr int withTile(int product, int b) { return product | (~b & 15) << 3; }
constexpr int operands(int sum, int a) { return 0xc0 | sum << 3 | a; }

// SUM += A B in float32, of bfloat16 numbers.
template <int SUM, int A, int B>
QPRUNE_INLINE void multiplyTiles() {
  asm volatile(".byte 0xc4, 0xe2, %c0, 0x5c, %c1" : : "i"(withTile(2, B)), "i"(operands(SUM, A)));  // tdpbf16ps
}

// SUM += A B in int32, of B's signed bytes and A's, signed or not.
template <bool SIGNED, int SUM, int A, int B>
QPRUNE_INLINE void multiplyByteTiles() {
  constexpr int kProduct = SIGNED ? 3 : 1;  // tdpbssd, tdpbusd
  asm volatile(".byte 0xc4, 0xe2, %c0, 0x5e, %c1" : : "i"(withTile(kProduct, B)), "i"(operands(SUM, A)));
}

}  // namespace qprune

#endif
