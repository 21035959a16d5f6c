// The elementwise activations with their gradients: one function object each, selected outside the loops.
#pragma once

#include <cmath>
#include <cstdint>

#include "multiversion.h"

namespace qprune {

// The numbers are those of src/engine/kernels/activation-attributes.ts; src/tensor/ops/activation.ts defines the
// activations (`unit` and `unitSign` there are the uniform ones here).
enum class ActivationKind : int64_t {
  identity = 0, relu = 1, uniform = 2, uniformOneBit = 3, sign = 4, step = 5, ternary = 6
};
// How the gradient passes a sign: as it is, where |x| < 1, or times max(0, 1 - |x|).
enum class StraightThrough : int64_t { identity = 0, saturate = 1, soft = 2 };

struct Activation {
  ActivationKind kind;
  float scale;     // of the uniform ones: x is multiplied by it before the clamp to [0, 1]
  float levels;    // of the uniform one: 2^bits - 1
  bool afterRelu;  // of the uniform ones: the gradient is 0 at x = 0
  StraightThrough straightThrough;  // of sign, step and ternary
};

struct Identity {
  explicit Identity(const Activation&) {}
  QPRUNE_INLINE float value(float x) const { return x; }
  QPRUNE_INLINE float slope(float) const { return 1.0f; }
};

struct Relu {
  explicit Relu(const Activation&) {}
  QPRUNE_INLINE float value(float x) const { return x < 0.0f ? 0.0f : x; }
  QPRUNE_INLINE float slope(float x) const { return x > 0.0f ? 1.0f : 0.0f; }
};

// The clamp of scale x to [0, 1]. NaN stays NaN, so that the loss shows a diverged net.
struct UnitClamp {
  explicit UnitClamp(const Activation& a) : scale(a.scale), passesAtZero(!a.afterRelu) {}
  QPRUNE_INLINE float clamped(float x) const {
    const float scaled = x * scale;
    const float low = scaled < 0.0f ? 0.0f : scaled;
    return low > 1.0f ? 1.0f : low;
  }
  QPRUNE_INLINE float slope(float x) const {
    const bool inside = (x > 0.0f) | ((x == 0.0f) & passesAtZero);
    return inside & (x * scale <= 1.0f) ? scale : 0.0f;
  }
  float scale;
  bool passesAtZero;
};

struct Uniform : UnitClamp {
  explicit Uniform(const Activation& a) : UnitClamp(a), levels(a.levels) {}
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x) * levels) / levels; }
  float levels;
};

struct UniformOneBit : UnitClamp {
  using UnitClamp::UnitClamp;
  QPRUNE_INLINE float value(float x) const {
    const float unit = clamped(x);
    return unit > 0.0f ? 1.0f : unit;
  }
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

// The sign of NaN is 0; the statistics of batch norm still carry the NaN to the loss.
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

// For a template loop<F>(…) with an activation F: defines loopIdentity(…), loopRelu(…) and so on, each a function
// of its own, since templates cannot be cloned for vector widths.
#define QPRUNE_DEFINE_FOR_ACTIVATIONS(loop, parameters, arguments)                                \
  QPRUNE_CLONES void loop##Identity parameters { loop<Identity> arguments; }                      \
  QPRUNE_CLONES void loop##Relu parameters { loop<Relu> arguments; }                              \
  QPRUNE_CLONES void loop##Uniform parameters { loop<Uniform> arguments; }                        \
  QPRUNE_CLONES void loop##UniformOneBit parameters { loop<UniformOneBit> arguments; }            \
  QPRUNE_CLONES void loop##Sign parameters { loop<Sign> arguments; }                              \
  QPRUNE_CLONES void loop##Step parameters { loop<Step> arguments; }                              \
  QPRUNE_CLONES void loop##Ternary parameters { loop<Ternary> arguments; }

// Calls the one of them that belongs to `kind`.
#define QPRUNE_CALL_FOR_ACTIVATION(activationKind, loop, ...)                                     \
  switch (activationKind) {                                                                       \
    case ActivationKind::identity: loop##Identity(__VA_ARGS__); break;                            \
    case ActivationKind::relu: loop##Relu(__VA_ARGS__); break;                                    \
    case ActivationKind::uniform: loop##Uniform(__VA_ARGS__); break;                              \
    case ActivationKind::uniformOneBit: loop##UniformOneBit(__VA_ARGS__); break;                  \
    case ActivationKind::sign: loop##Sign(__VA_ARGS__); break;                                    \
    case ActivationKind::step: loop##Step(__VA_ARGS__); break;                                    \
    case ActivationKind::ternary: loop##Ternary(__VA_ARGS__); break;                              \
  }
