// Products of bytes with the tiles of AMX, for processors that have it in addition to AVX-512.
#pragma once

#include "../../native/kernels/amx-tiles.h"
#include "products.h"

#ifdef QPRUNE_AMX_KERNELS
#define QPRUNE_MULTIPLIES_TILES

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// QPRUNE_RUNTIME_ISA=avx512 keeps them from being used, for comparisons.
inline bool hasByteTiles() {
  static const bool has = [] {
    const char* limit = std::getenv("QPRUNE_RUNTIME_ISA");
    return (limit == nullptr || std::strcmp(limit, "avx512") != 0) && hasAmx();
  }();
  return has;
}

// The last words of rows and of filters, fewer than a tile's, followed by zeros.
struct LastWords {
  LastWords(const uint8_t* x, size_t rowBytes, int rows, const uint8_t* w, size_t blockBytes, int blocks, int words) {
    const __mmask16 some = static_cast<__mmask16>((1u << words) - 1);
    for (int row = 0; row < rows; row++)
      _mm512_store_si512(places[row], _mm512_maskz_loadu_epi32(some, x + row * rowBytes));
    for (int block = 0; block < blocks; block++)
      for (int word = 0; word < kTileRows; word++)
        _mm512_store_si512(filters[block][word], word < words ? _mm512_loadu_si512(w + block * blockBytes + word * kTileRowBytes)
                                                               : _mm512_setzero_si512());
  }
  alignas(64) int32_t places[2 * kTileRows][kBlock];
  alignas(64) int32_t filters[2][kTileRows][kBlock];
};

// Tiles of this thread whose rows have `words` words, at most a whole tile's, for as long as it lives; see WholeTiles.
class TilesOf {
 public:
  explicit TilesOf(int words) {
    struct alignas(64) Configuration {
      uint8_t palette = 1, startRow = 0, reserved[14] = {};
      uint16_t rowBytes[16] = {};
      uint8_t rows[16] = {};
    } configuration;
    const int used = std::min<int>(words, kTileRows);
    for (int tile = 0; tile < 8; tile++) {
      const bool hasRows = tile == 4 || tile == 5, hasFilters = tile > 5;
      configuration.rowBytes[tile] = hasRows ? 4 * used : kTileRowBytes;
      configuration.rows[tile] = hasFilters ? used : kTileRows;
    }
    asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0x00" : : "a"(&configuration), "m"(configuration));  // ldtilecfg
  }
  ~TilesOf() { asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0xc0" : : : "memory"); }  // tilerelease
  TilesOf(const TilesOf&) = delete;
};

// The tiles 0 to 3 are sums, 4 and 5 rows, 6 and 7 filters.
template <int TILES, int BLOCKS>
void addProducts(const uint8_t* x, int64_t rowBytes, const uint8_t* w, size_t blockBytes) {
  loadTile<6>(w, kTileRowBytes);
  if constexpr (BLOCKS == 2) loadTile<7>(w + blockBytes, kTileRowBytes);
  loadTile<4>(x, rowBytes);
  qprune::multiplyByteTiles<false, 0, 4, 6>();
  if constexpr (BLOCKS == 2) qprune::multiplyByteTiles<false, 1, 4, 7>();
  if constexpr (TILES == 2) {
    loadTile<5>(x + kTileRows * rowBytes, rowBytes);
    qprune::multiplyByteTiles<false, 2, 5, 6>();
    if constexpr (BLOCKS == 2) qprune::multiplyByteTiles<false, 3, 5, 7>();
  }
}

// TILES times 16 rows, BLOCKS blocks of filters.
template <int TILES, int BLOCKS>
void multiplyTiles(const uint8_t* x, size_t rowBytes, int words, const uint8_t* w, int32_t* sums, size_t columns) {
  const size_t blockBytes = static_cast<size_t>(words) * kTileRowBytes;
  clearTile<0>();
  clearTile<1>();
  clearTile<2>();
  clearTile<3>();
  int word = 0;
  if (words < kBlock) {
    // The tiles are as short (TilesOf).
    addProducts<TILES, BLOCKS>(x, static_cast<int64_t>(rowBytes), w, blockBytes);
    word = words;
  }
  for (; word + kBlock <= words; word += kBlock)
    addProducts<TILES, BLOCKS>(x + 4 * word, static_cast<int64_t>(rowBytes), w + word * kTileRowBytes, blockBytes);
  if (word < words) {
    const LastWords last(x + 4 * word, rowBytes, TILES * kTileRows, w + word * kTileRowBytes, blockBytes, BLOCKS, words - word);
    addProducts<TILES, BLOCKS>(reinterpret_cast<const uint8_t*>(last.places), kTileRowBytes,
                               reinterpret_cast<const uint8_t*>(last.filters), sizeof last.filters[0]);
  }
  const auto step = static_cast<int64_t>(columns * sizeof(int32_t));
  storeTile<0>(sums, step);
  if constexpr (BLOCKS == 2) storeTile<1>(sums + kBlock, step);
  if constexpr (TILES == 2) {
    storeTile<2>(sums + kTileRows * columns, step);
    if constexpr (BLOCKS == 2) storeTile<3>(sums + kTileRows * columns + kBlock, step);
  }
}

template <int BLOCKS>
void multiplyTileRows(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int32_t* sums,
                      size_t columns) {
  int row = 0;
  for (; row + 2 * kTileRows <= rows; row += 2 * kTileRows)
    multiplyTiles<2, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  if (row < rows) multiplyTiles<1, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
}

// rows: a multiple of 16.
void multiplyByteTiles(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
                       size_t columns) {
  const TilesOf tiles(words);
  const size_t blockBytes = static_cast<size_t>(words) * kTileRowBytes;
  int block = 0;
  for (; block + 2 <= blocks; block += 2)
    multiplyTileRows<2>(x, rows, rowBytes, words, w + block * blockBytes, sums + block * kBlock, columns);
  if (block < blocks)
    multiplyTileRows<1>(x, rows, rowBytes, words, w + block * blockBytes, sums + block * kBlock, columns);
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune

#endif
