// The inner loops along lines with the tiles of AMX: rows of A are those of the gradient, their places pairs of positions,
// columns outputs.
#include "line-panel.h"

#ifdef QPRUNE_AMX_KERNELS

#include <immintrin.h>

#include <algorithm>

#include "../amx-tiles.h"

#define QPRUNE_AMX_TARGET __attribute__((target("avx512f")))

namespace qprune {
namespace {

// The tiles 0 to 3 are sums, 4 and 5 rows of x, 6 and 7 outputs' gradients.
constexpr int sumTile(int blocks, int tile, int block) { return tile * blocks + block; }
constexpr int rowTile(int tile) { return 4 + tile % 2; }

template <int SUM>
QPRUNE_AMX_TARGET void store(const LinePanel& p, const LineTile& tile, int block) {
  alignas(64) float sums[kTileRows][kBlockOutputs];
  storeTile<SUM>(sums, kTileRowBytes);
  const int64_t left = std::min(kBlockOutputs, p.outputs - block * kBlockOutputs);
  const auto lanes = static_cast<__mmask16>((1u << left) - 1);
  float* to = tile.sums + block * kBlockOutputs;
  for (int64_t row = 0; row < tile.rows; row++, to += p.sumStep) {
    const __m512 before = p.isFirst ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(lanes, to);
    _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(before, _mm512_load_ps(sums[row])));
  }
}

template <int TILES, int BLOCKS, int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void addProducts(const LineTile* tiles, int64_t position, int64_t rowBytes) {
  if constexpr (TILE < TILES) {
    loadTile<rowTile(TILE)>(tiles[TILE].x + position, rowBytes);
    multiplyTiles<sumTile(BLOCKS, TILE, 0), rowTile(TILE), 6>();
    if constexpr (BLOCKS == 2) multiplyTiles<sumTile(BLOCKS, TILE, 1), rowTile(TILE), 7>();
    addProducts<TILES, BLOCKS, TILE + 1>(tiles, position, rowBytes);
  }
}

template <int TILES, int BLOCKS, int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void storeAll(const LinePanel& p, const LineTile* tiles) {
  if constexpr (TILE < TILES) {
    store<sumTile(BLOCKS, TILE, 0)>(p, tiles[TILE], 0);
    if constexpr (BLOCKS == 2) store<sumTile(BLOCKS, TILE, 1)>(p, tiles[TILE], 1);
    storeAll<TILES, BLOCKS, TILE + 1>(p, tiles);
  }
}

template <int TILES, int BLOCKS>
QPRUNE_AMX_TARGET void multiply(const LinePanel& p, const LineTile* tiles) {
  clearTile<0>();
  clearTile<1>();
  clearTile<2>();
  clearTile<3>();
  const int64_t rowBytes = p.lineStep * static_cast<int64_t>(sizeof(Bf16));
  const int64_t pairBytes = p.dyStep * static_cast<int64_t>(sizeof(uint32_t));
  const uint32_t* dy = p.dy;
  for (int64_t position = 0; position < p.positions; position += kLinePositions, dy += kLinePairs * p.dyStep) {
    loadTile<6>(dy, pairBytes);
    if constexpr (BLOCKS == 2) loadTile<7>(dy + kBlockOutputs, pairBytes);
    addProducts<TILES, BLOCKS, 0>(tiles, position, rowBytes);
  }
  storeAll<TILES, BLOCKS, 0>(p, tiles);
}

}  // namespace

void multiplyLinesAmx(const LinePanel& p) {
  const WholeTiles whole;
  if (p.blocks == 2) {
    int tile = 0;
    for (; tile + 2 <= p.tileCount; tile += 2) multiply<2, 2>(p, p.tiles + tile);
    if (tile < p.tileCount) multiply<1, 2>(p, p.tiles + tile);
    return;
  }
  switch (p.tileCount) {
    case 4: multiply<4, 1>(p, p.tiles); break;
    case 3: multiply<3, 1>(p, p.tiles); break;
    case 2: multiply<2, 1>(p, p.tiles); break;
    default: multiply<1, 1>(p, p.tiles);
  }
}

}  // namespace qprune

#endif
