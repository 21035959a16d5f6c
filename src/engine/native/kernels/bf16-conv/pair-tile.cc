// The inner loops of the gradient of a kernel on any CPU, and the choice of the fastest ones.
#include "pair-tile.h"

namespace qprune {

QPRUNE_CLONES void multiplyPairTile(const PairTile& t) {
  const int64_t lanes = t.blocks * kBlockOutputs;
  for (int row = t.firstRow; row < t.lastRow; row++) {
    float sums[kPanelBlocks * kBlockOutputs] = {};
    const uint32_t* dy = t.dy;
    for (int64_t image = 0; image < t.images; image++)
      for (int64_t line = 0; line < t.rows; line++) {
        const uint32_t* x = t.x + image * t.imageStep + line * t.rowStep + row;
        for (int64_t pair = 0; pair < t.pairs; pair++, x += t.pairStep, dy += lanes) {
          const float low = floatOf(*x << 16), high = floatOf(*x & 0xffff0000);
          for (int64_t lane = 0; lane < lanes; lane++)
            sums[lane] += low * floatOf(dy[lane] << 16) + high * floatOf(dy[lane] & 0xffff0000);
        }
      }
    float* to = t.sums + row * t.sumStep;
    for (int64_t lane = 0; lane < t.outputs; lane++) to[lane] = t.isFirst ? sums[lane] : to[lane] + sums[lane];
  }
}

MultiplyPairTile pairTileKernel() {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return multiplyPairTileAvx512Bf16;
#endif
  return multiplyPairTile;
}

}  // namespace qprune
