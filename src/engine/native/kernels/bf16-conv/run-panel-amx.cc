// The inner loops with the tiles of AMX: rows of A are positions, their places pairs of source elements, columns outputs.
#include "run-panel.h"

#ifdef QPRUNE_AMX_KERNELS

#include <immintrin.h>

#include <algorithm>

#include "../amx-tiles.h"

#define QPRUNE_AMX_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace qprune {
namespace {

constexpr int64_t kStepElements = kTileRowBytes / sizeof(Bf16);
constexpr int64_t kNoStep = -1;

// The bytes between adjacent ones of 16 offsets, if those are all equal.
QPRUNE_AMX_TARGET QPRUNE_INLINE int64_t commonStep(const int64_t* offsets, int64_t size) {
  const int64_t step = offsets[1] - offsets[0];
  const __m512i first = _mm512_set1_epi64(offsets[0]), steps = _mm512_set1_epi64(step);
  const __m512i low = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), high = _mm512_setr_epi64(8, 9, 10, 11, 12, 13, 14, 15);
  // Steps have less than 32 bits: they are between elements of a block that fits into a cache, or of a tensor's row.
  const __mmask8 isLow = _mm512_cmpeq_epi64_mask(_mm512_loadu_si512(offsets), _mm512_add_epi64(first, _mm512_mul_epi32(steps, low)));
  const __mmask8 isHigh =
      _mm512_cmpeq_epi64_mask(_mm512_loadu_si512(offsets + 8), _mm512_add_epi64(first, _mm512_mul_epi32(steps, high)));
  return (isLow & isHigh) == 0xff ? step * size : kNoStep;
}

// The source elements of 16 positions.
struct PositionTile {
  const Bf16* source;      // of the first position
  const int64_t* offsets;  // of all of them
  int64_t rowStep;         // in bytes, or kNoStep
};

template <int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void loadPositions(const PositionTile& tile, int64_t element) {
  if (tile.rowStep != kNoStep) return loadTile<TILE>(tile.source + element, tile.rowStep);
  alignas(64) Bf16 rows[kTileRows][kStepElements];
  for (int64_t row = 0; row < kTileRows; row++)
    _mm512_store_si512(rows[row], _mm512_loadu_si512(tile.source + (tile.offsets[row] - tile.offsets[0]) + element));
  loadTile<TILE>(rows, kTileRowBytes);
}

template <int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void storePositions(const RunPanel& p, int64_t first, int64_t block) {
  const int64_t count = std::min(kTileRows, p.positions - first);
  const int64_t left = std::min(kBlockOutputs, p.outputs - block * kBlockOutputs);
  const Results destination = p.destination.from(block * kBlockOutputs);
  const int64_t* offsets = p.destinationOffsets + first;
  if (count == kTileRows && left == kBlockOutputs && !p.isStreamed && destination.isFloat()) {
    const int64_t step = commonStep(offsets, sizeof(float));
    if (step != kNoStep) return storeTile<TILE>(destination.at(offsets[0]), step);
  }
  alignas(64) float sums[kTileRows][kBlockOutputs];
  storeTile<TILE>(sums, kTileRowBytes);
  const auto lanes = static_cast<__mmask16>((1u << left) - 1);
  if (!destination.isFloat()) {
    for (int64_t row = 0; row < count; row++) {
      void* const to = destination.at(offsets[row]);
      claimBytesAhead(to, 1);
      _mm256_mask_storeu_epi16(to, lanes, reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_load_ps(sums[row]))));
    }
    return;
  }
  float* to = static_cast<float*>(destination.data);
  for (int64_t row = 0; row < count; row++) {
    const __m512 values = _mm512_load_ps(sums[row]);
    if (p.isStreamed)
      _mm512_stream_ps(to + offsets[row], values);
    else
      _mm512_mask_storeu_ps(to + offsets[row], lanes, values);
  }
}

// The tiles 0 to 3 are sums, 4 to 6 positions and 7 (with two blocks 6, too) weights.
constexpr int sumTile(int blocks, int tile, int block) { return tile * blocks + block; }
constexpr int positionTile(int blocks, int tile) { return 4 + (blocks == 2 ? tile : tile % 3); }
constexpr int weightTile(int blocks, int block) { return blocks == 2 ? 6 + block : 7; }

template <int TILES, int BLOCKS, int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void addProducts(const PositionTile* tiles, int64_t element) {
  if constexpr (TILE < TILES) {
    loadPositions<positionTile(BLOCKS, TILE)>(tiles[TILE], element);
    multiplyTiles<sumTile(BLOCKS, TILE, 0), positionTile(BLOCKS, TILE), weightTile(BLOCKS, 0)>();
    if constexpr (BLOCKS == 2)
      multiplyTiles<sumTile(BLOCKS, TILE, 1), positionTile(BLOCKS, TILE), weightTile(BLOCKS, 1)>();
    addProducts<TILES, BLOCKS, TILE + 1>(tiles, element);
  }
}

template <int TILES, int BLOCKS, int TILE>
QPRUNE_AMX_TARGET QPRUNE_INLINE void storeAll(const RunPanel& p, int64_t first) {
  if constexpr (TILE < TILES) {
    storePositions<sumTile(BLOCKS, TILE, 0)>(p, first + TILE * kTileRows, 0);
    if constexpr (BLOCKS == 2) storePositions<sumTile(BLOCKS, TILE, 1)>(p, first + TILE * kTileRows, 1);
    storeAll<TILES, BLOCKS, TILE + 1>(p, first);
  }
}

// TILES tiles of positions from `first` on.
template <int TILES, int BLOCKS>
QPRUNE_AMX_TARGET void multiplyTilesOf(const RunPanel& p, int64_t first) {
  PositionTile tiles[TILES];
  for (int tile = 0; tile < TILES; tile++) {
    const int64_t* offsets = p.sourceOffsets + first + tile * kTileRows;
    tiles[tile] = {p.source + offsets[0], offsets, commonStep(offsets, sizeof(Bf16))};
  }
  clearTile<0>();
  clearTile<1>();
  clearTile<2>();
  clearTile<3>();
  const uint32_t* weights = p.weights;
  for (int64_t run = 0; run < p.runs; run++) {
    const int64_t begin = p.runOffsets[run], end = begin + 2 * p.runPairs;
    for (int64_t element = begin; element < end; element += kStepElements) {
      loadTile<weightTile(BLOCKS, 0)>(weights, BLOCKS * kTileRowBytes);
      if constexpr (BLOCKS == 2) loadTile<weightTile(BLOCKS, 1)>(weights + kBlockOutputs, BLOCKS * kTileRowBytes);
      weights += kTileRows * BLOCKS * kBlockOutputs;
      addProducts<TILES, BLOCKS, 0>(tiles, element);
    }
  }
  storeAll<TILES, BLOCKS, 0>(p, first);
}

template <int TILES, int BLOCKS>
QPRUNE_AMX_TARGET void multiply(const RunPanel& p) {
  int64_t first = 0;
  for (; first + TILES * kTileRows <= p.positions; first += TILES * kTileRows) multiplyTilesOf<TILES, BLOCKS>(p, first);
  for (; first < p.positions; first += kTileRows) multiplyTilesOf<1, BLOCKS>(p, first);
}

}  // namespace

void multiplyRunsAmx(const RunPanel& panel) {
  const WholeTiles tiles;
  if (panel.blocks == 2)
    multiply<2, 2>(panel);
  else
    multiply<4, 1>(panel);
}

}  // namespace qprune

#endif
