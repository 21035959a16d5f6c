// The attributes that describe a sliding window, as src/engine/native-kernels/window-attributes.ts writes them.
#pragma once

#include "../kernels/window.h"
#include "op-kit.h"

namespace qprune {

#define QPRUNE_WINDOW_ATTRIBUTES "stride: list(int)", "padding: list(int)"

inline Pair pairOf(const Attributes& a, const char* name) {
  const auto values = a.integers<2>(name);
  return {values[0], values[1]};
}

inline Padding paddingOf(const Attributes& a) {
  const auto values = a.integers<4>("padding");
  return {values[0], values[1], values[2], values[3]};
}

}  // namespace qprune
