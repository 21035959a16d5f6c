// The attributes by which an op describes an activation; src/engine/native-kernels/activation-attributes.ts passes them.
#pragma once

#include "../kernels/activation/activation.h"
#include "op-kit.h"

namespace qprune {

#define QPRUNE_ACTIVATION_ATTRIBUTES \
  "kind: int", "unit_scale: float", "levels: float", "after_relu: int", "limit: float", "straight_through: int", "slope: float", \
  "zero: float"

inline Activation activationOf(const Attributes& a) {
  return {static_cast<ActivationKind>(a.integer("kind")), a.real("unit_scale"), a.real("levels"),
          a.integer("after_relu") != 0, a.real("limit"),
          static_cast<StraightThrough>(a.integer("straight_through")), a.real("slope"), a.real("zero")};
}

}  // namespace qprune
