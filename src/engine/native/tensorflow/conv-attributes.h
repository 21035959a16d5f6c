// The attributes that describe a convolution, as src/engine/native-kernels/conv-attributes.ts writes them.
#pragma once

#include "../kernels/integer-conv/conv-shape.h"
#include "window-attributes.h"

namespace qprune {

#define QPRUNE_CONV_ATTRIBUTES "groups: int", "dilation: list(int)", QPRUNE_WINDOW_ATTRIBUTES

struct ConvAttributes {
  explicit ConvAttributes(const Attributes& a)
      : groups(a.integer("groups")), stride(pairOf(a, "stride")), padding(paddingOf(a)),
        dilation(pairOf(a, "dilation")) {}
  ConvShape convShape(const Shape& x, const Shape& kernel) const {
    return {x[0], x[1], x[2], x[3], kernel[0], kernel[1], kernel[3], groups, stride, padding, dilation};
  }
  int64_t groups;
  Pair stride;
  Padding padding;
  Pair dilation;
};

}  // namespace qprune
