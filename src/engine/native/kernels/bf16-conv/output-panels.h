// The outputs of a group in panels of blocks.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qprune {

// Outputs of a block: a vector holds one pair of weights of each.
constexpr int64_t kBlockOutputs = 16;

// Panels have at most `mostBlocks` blocks; their numbers of blocks differ by at most one.
struct OutputPanels {
  OutputPanels(int64_t groupOutputs, int64_t mostBlocks)
      : groupOutputs(groupOutputs),
        blocks((groupOutputs + kBlockOutputs - 1) / kBlockOutputs),
        panels((blocks + mostBlocks - 1) / mostBlocks) {}

  int64_t groupOutputs;
  int64_t blocks, panels;  // in a group

  int64_t firstBlock(int64_t panel) const { return panel * blocks / panels; }
  int64_t panelBlocks(int64_t panel) const { return firstBlock(panel + 1) - firstBlock(panel); }
  int64_t panelOutputs(int64_t panel) const {
    return std::min(groupOutputs, firstBlock(panel + 1) * kBlockOutputs) - firstBlock(panel) * kBlockOutputs;
  }
};

}  // namespace qprune
