// The inner loops on any CPU, and the choice of the fastest ones.
#include "run-panel.h"

#include <algorithm>

namespace qprune {

QPRUNE_CLONES void multiplyRuns(const RunPanel& p) {
  for (int64_t at = 0; at < p.positions; at++) {
    const Bf16* source = p.source + p.sourceOffsets[at];
    float sums[kPanelBlocks * kBlockOutputs] = {};
    const int64_t lanes = p.blocks * kBlockOutputs;
    const uint32_t* weights = p.weights;
    for (int64_t run = 0; run < p.runs; run++)
      for (int64_t pair = 0; pair < p.runPairs; pair++, weights += lanes) {
        const Bf16* elements = source + p.runOffsets[run] + 2 * pair;
        const float low = toFloat(elements[0]), high = toFloat(elements[1]);
        for (int64_t lane = 0; lane < lanes; lane++) {
          const uint32_t w = weights[lane];
          sums[lane] += low * floatOf(w << 16) + high * floatOf(w & 0xffff0000);
        }
      }
    float* to = p.destination.place(p.destinationOffsets[at], sums);
    if (to != sums) std::copy(sums, sums + p.outputs, to);
    p.destination.store(p.destinationOffsets[at], p.outputs, sums);
  }
}

void fenceStreamedStores() {
#ifdef QPRUNE_X86_KERNELS
  __builtin_ia32_sfence();
#endif
}

const RunLoops& runLoops() {
  static const RunLoops loops = [] {
    constexpr int kTileBlocks = 2;
    constexpr int64_t kTilePairs = 16;
#ifdef QPRUNE_AMX_KERNELS
    if (hasAmx()) return RunLoops{multiplyRunsAmx, kTileBlocks, kTilePairs};
#endif
    if (emulatesAmx()) return RunLoops{multiplyRuns, kTileBlocks, kTilePairs};
#ifdef QPRUNE_BF16_KERNELS
    if (hasBf16Products()) return RunLoops{multiplyRunsAvx512Bf16, kPanelBlocks, 1};
#endif
    return RunLoops{multiplyRuns, kPanelBlocks, 1};
  }();
  return loops;
}

}  // namespace qprune
