// Constants and clamps for loops that the compiler vectorizes.
#pragma once

#include "multiversion.h"

namespace qprune {

// A constant that the compiler does not know. It would compute what follows for a known one in advance and branch to the
// result, and a loop with a branch is not vectorized. Call it outside the loop.
inline float hidden(float constant) {
  volatile float unknown = constant;
  return unknown;
}

// min(max(x, least), most). NaN stays NaN.
class Clamp {
 public:
  Clamp(float least, float most) : least_(hidden(least)), most_(hidden(most)) {}

  QPRUNE_INLINE float operator()(float x) const {
    const float low = x < least_ ? least_ : x;
    return low > most_ ? most_ : low;
  }

 private:
  float least_, most_;
};

}  // namespace qprune
