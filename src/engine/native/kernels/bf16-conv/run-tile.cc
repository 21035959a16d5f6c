// The inner loops on any CPU, and the choice of the fastest ones.
#include "run-tile.h"

#include <algorithm>

namespace qprune {

QPRUNE_CLONES void multiplyRunTile(const RunTile& t) {
  for (int at = 0; at < t.positions; at++) {
    const Bf16* source = t.source + t.sourceOffsets[at];
    float sums[kPanelBlocks * kBlockOutputs] = {};
    const int64_t lanes = t.blocks * kBlockOutputs;
    const uint32_t* weights = t.weights;
    for (int64_t run = 0; run < t.runs; run++)
      for (int64_t pair = 0; pair < t.runPairs; pair++, weights += lanes) {
        const Bf16* elements = source + t.runOffsets[run] + 2 * pair;
        const float low = toFloat(elements[0]), high = toFloat(elements[1]);
        for (int64_t lane = 0; lane < lanes; lane++) {
          const uint32_t w = weights[lane];
          sums[lane] += low * floatOf(w << 16) + high * floatOf(w & 0xffff0000);
        }
      }
    std::copy(sums, sums + t.outputs, t.destination + t.destinationOffsets[at]);
  }
}

void fenceStreamedStores() {
#ifdef QPRUNE_X86_KERNELS
  __builtin_ia32_sfence();
#endif
}

MultiplyRunTile runTileKernel() {
#ifdef QPRUNE_BF16_KERNELS
  if (hasBf16Products()) return multiplyRunTileAvx512Bf16;
#endif
  return multiplyRunTile;
}

}  // namespace qprune
