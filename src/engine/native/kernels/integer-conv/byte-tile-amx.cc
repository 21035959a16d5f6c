// The sums of a byte convolution with the tiles of AMX: rows of A are positions, their places words, columns filters.
#include "byte-tile.h"

#ifdef QPRUNE_AMX_KERNELS

#include "../amx-tiles.h"

namespace qprune {
namespace {

// The tiles 0 to 3 are sums, 4 and 5 positions, 6 and 7 filters.
constexpr int sumTile(int blocks, int tile, int block) { return tile * blocks + block; }
constexpr int positionTile(int tile) { return 4 + tile % 2; }

template <bool SIGNED, int TILES, int BLOCKS, int TILE>
QPRUNE_VNNI_TARGET QPRUNE_INLINE void addProducts(const int32_t* x, int64_t step) {
  if constexpr (TILE < TILES) {
    loadTile<positionTile(TILE)>(x, step * static_cast<int64_t>(sizeof(int32_t)));
    multiplyByteTiles<SIGNED, sumTile(BLOCKS, TILE, 0), positionTile(TILE), 6>();
    if constexpr (BLOCKS == 2) multiplyByteTiles<SIGNED, sumTile(BLOCKS, TILE, 1), positionTile(TILE), 7>();
    addProducts<SIGNED, TILES, BLOCKS, TILE + 1>(x + kTileRows * step, step);
  }
}

template <int SUM>
QPRUNE_VNNI_TARGET void store(const PackedConvShape& s, const ByteOutputs& outputs, int64_t column) {
  alignas(64) int32_t sums[kTileRows][kLanes];
  storeTile<SUM>(sums, kTileRowBytes);
  const int64_t count = std::min(kTileRows, s.columns - column);
  for (int64_t row = 0; row < count; row++) outputs.store(_mm512_load_si512(sums[row]), column + row);
}

template <int TILES, int BLOCKS, int TILE>
QPRUNE_VNNI_TARGET QPRUNE_INLINE void storeAll(const PackedConvShape& s, const ByteOutputs* outputs, int64_t column) {
  if constexpr (TILE < TILES) {
    store<sumTile(BLOCKS, TILE, 0)>(s, outputs[0], column);
    if constexpr (BLOCKS == 2) store<sumTile(BLOCKS, TILE, 1)>(s, outputs[1], column);
    storeAll<TILES, BLOCKS, TILE + 1>(s, outputs, column + kTileRows);
  }
}

// TILES tiles of positions from `column` on, for the blocks of filters from `filters` on.
template <bool SIGNED, int TILES, int BLOCKS>
QPRUNE_VNNI_TARGET void multiply(const PackedConvShape& s, const WordRuns& runs, const ByteTile& tile,
                                 const VnniFilterBytes* filters, const ByteOutputs* outputs, int64_t column) {
  const int64_t step = s.stepWords();
  const int32_t* x = tile.x + column * step;
  clearTile<0>();
  clearTile<1>();
  clearTile<2>();
  clearTile<3>();
  for (int64_t run = 0; run < runs.count; run++, filters += runs.stored) {
    const int32_t* words = x + s.tapWords(run / runs.perRow, run % runs.perRow);
    for (int64_t word = 0; word < runs.stored; word += kLanes) {
      loadTile<6>(filters + word, kTileRowBytes);
      if constexpr (BLOCKS == 2) loadTile<7>(filters + s.filterWords + word, kTileRowBytes);
      addProducts<SIGNED, TILES, BLOCKS, 0>(words + word, step);
    }
  }
  storeAll<TILES, BLOCKS, 0>(s, outputs, column);
}

template <bool SIGNED, int BLOCKS>
QPRUNE_VNNI_TARGET void multiplyBlocks(const PackedConvShape& s, const WordRuns& runs, const ByteTile& tile, int64_t first,
                                       float inputScale) {
  constexpr int kTiles = BLOCKS == 2 ? 2 : 4;
  const VnniFilterBytes* filters = tile.bytes + first * s.filterWords;
  const ByteOutputs outputs[2] = {{s, tile, first, inputScale}, {s, tile, first + BLOCKS - 1, inputScale}};
  int64_t column = 0;
  for (; column + kTiles * kTileRows <= s.columns; column += kTiles * kTileRows)
    multiply<SIGNED, kTiles, BLOCKS>(s, runs, tile, filters, outputs, column);
  for (; column + kTileRows < s.columns; column += 2 * kTileRows)
    multiply<SIGNED, 2, BLOCKS>(s, runs, tile, filters, outputs, column);
  if (column < s.columns) multiply<SIGNED, 1, BLOCKS>(s, runs, tile, filters, outputs, column);
}

template <bool SIGNED>
void multiplyAll(const PackedConvShape& s, const ByteTile& tile, int64_t blocks, float inputScale) {
  const WholeTiles whole;
  const WordRuns runs(s);
  int64_t block = 0;
  for (; block + 2 <= blocks; block += 2) multiplyBlocks<SIGNED, 2>(s, runs, tile, block, inputScale);
  if (block < blocks) multiplyBlocks<SIGNED, 1>(s, runs, tile, block, inputScale);
}

}  // namespace

void multiplyByteTileAmx(const PackedConvShape& s, const ByteTile& tile, int64_t blocks, float inputScale, bool isSigned) {
  if (isSigned) return multiplyAll<true>(s, tile, blocks, inputScale);
  multiplyAll<false>(s, tile, blocks, inputScale);
}

}  // namespace qprune

#endif
