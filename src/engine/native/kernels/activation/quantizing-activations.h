// The activations that quantize, with their gradients: one function object each.
#pragma once

#include <cmath>

#include "activation.h"
#include "../clamp.h"
#include "../multiversion.h"

namespace qprune {

// The clamp of scale x to [0, 1], after a limit. NaN stays NaN, so that the loss shows a diverged net.
struct UnitClamp {
  explicit UnitClamp(const Activation& a) : scale(a.scale), limit(a.limit), passesAtZero(!a.afterRelu) {}
  QPRUNE_INLINE float clamped(float x) const { return unit((x > limit ? limit : x) * scale); }
  QPRUNE_INLINE float slope(float x) const {
    const bool inside = (x > 0.0f) | ((x == 0.0f) & passesAtZero);
    return inside & (x * scale <= 1.0f) & (x < limit) ? scale : 0.0f;
  }
  float scale;
  float limit;
  bool passesAtZero;
  Clamp unit{0.0f, 1.0f};
};

struct Uniform : UnitClamp {
  explicit Uniform(const Activation& a) : UnitClamp(a), levels(a.levels) {}
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x) * levels) / levels; }
  float levels;
};

struct UniformCodes : Uniform {
  using Uniform::Uniform;
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x) * levels); }
};

struct UniformOneBit : UnitClamp {
  using UnitClamp::UnitClamp;
  QPRUNE_INLINE float value(float x) const {
    const float low = clamped(x);
    return low > 0.0f ? 1.0f : low;
  }
};

// The clamp of scale x to [-1, 1], for inputs that no ReLU precedes. NaN stays NaN here, too.
struct SignedUniform {
  explicit SignedUniform(const Activation& a) : scale(a.scale), levels(a.levels) {}
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x * scale) * levels) / levels; }
  QPRUNE_INLINE float slope(float x) const { return std::fabs(x * scale) <= 1.0f ? scale : 0.0f; }
  float scale;
  float levels;
  Clamp clamped{-1.0f, 1.0f};
};

struct SignedUniformCodes : SignedUniform {
  using SignedUniform::SignedUniform;
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x * scale) * levels); }
};

// The codes of an affine grid as values. NaN stays NaN here, too.
struct AffineCodes {
  explicit AffineCodes(const Activation& a)
      : scale(a.scale), inverse(1.0f / a.scale), least(-a.zero), most(a.levels - a.zero), clamped(least, most) {}
  QPRUNE_INLINE float value(float x) const { return clamped(__builtin_rintf(x * inverse)) * scale; }
  QPRUNE_INLINE float slope(float x) const {
    const float code = __builtin_rintf(x * inverse);
    return (code >= least) & (code <= most) ? 1.0f : 0.0f;
  }
  float scale, inverse, least, most;
  Clamp clamped;
};

// The straight-through estimators. The kind is tested inside the loop; the compiler moves the test out of it.
struct SignGradient {
  explicit SignGradient(const Activation& a) : straightThrough(a.straightThrough) {}
  QPRUNE_INLINE float slope(float x) const {
    const float magnitude = std::fabs(x);
    const float soft = magnitude < 1.0f ? 1.0f - magnitude : 0.0f;
    const float saturate = magnitude < 1.0f ? 1.0f : 0.0f;
    return straightThrough == StraightThrough::identity   ? 1.0f
           : straightThrough == StraightThrough::saturate ? saturate
                                                          : soft;
  }
  StraightThrough straightThrough;
};

// The sign of NaN is 0: the loss does not show it. Tests look for NaN in the statistics of norms and in weights.
struct Sign : SignGradient {
  using SignGradient::SignGradient;
  QPRUNE_INLINE float value(float x) const { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f); }
};

struct Step : SignGradient {
  using SignGradient::SignGradient;
  QPRUNE_INLINE float value(float x) const { return x > 0.0f ? 1.0f : 0.0f; }
};

struct Ternary : SignGradient {
  using SignGradient::SignGradient;
  QPRUNE_INLINE float value(float x) const { return x > 0.5f ? 1.0f : (x < -0.5f ? -1.0f : 0.0f); }
};

}  // namespace qprune
