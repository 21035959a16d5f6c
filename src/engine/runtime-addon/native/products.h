// What the tiles of all instruction sets have in common.
#pragma once

#include <cstddef>
#include <cstdint>

#include "structures.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Filters of a block: a vector holds one word of each.
constexpr int kBlock = 16;
// Positions of a window that are computed from pairs of taps.
constexpr int kMostTaps = 64;

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
