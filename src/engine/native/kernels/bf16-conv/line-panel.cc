// The inner loops along lines on any CPU, and whether this one uses lines.
#include "line-panel.h"

namespace qprune {

QPRUNE_CLONES void multiplyLines(const LinePanel& p) {
  const int64_t lanes = p.blocks * kBlockOutputs;
  for (int tile = 0; tile < p.tileCount; tile++)
    for (int64_t row = 0; row < p.tiles[tile].rows; row++) {
      float sums[kLineBlocks * kBlockOutputs] = {};
      const Bf16* x = p.tiles[tile].x + row * p.lineStep;
      const uint32_t* dy = p.dy;
      for (int64_t at = 0; at < p.positions; at += 2, dy += p.dyStep) {
        const float low = toFloat(x[at]), high = toFloat(x[at + 1]);
        for (int64_t lane = 0; lane < lanes; lane++)
          sums[lane] += low * floatOf(dy[lane] << 16) + high * floatOf(dy[lane] & 0xffff0000);
      }
      float* to = p.tiles[tile].sums + row * p.sumStep;
      for (int64_t lane = 0; lane < p.outputs; lane++) to[lane] = p.isFirst ? sums[lane] : to[lane] + sums[lane];
    }
}

MultiplyLines lineLoops() {
#ifdef QPRUNE_AMX_KERNELS
  if (hasAmx()) return multiplyLinesAmx;
#endif
  return emulatesAmx() ? multiplyLines : nullptr;
}

}  // namespace qprune
