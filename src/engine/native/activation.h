// The elementwise activations, forward and backward; one struct each, chosen outside the loops.
#pragma once

#include <cmath>
#include <cstdint>

#include "op-kit.h"

namespace qprune {

// Keep the numbers and meanings in step with kernels/activation-attributes.ts.
enum class ActivationKind : int64_t {
  identity = 0, relu = 1, unit = 2, unitSign = 3, sign = 4, step = 5, ternary = 6
};
enum class StraightThrough : int64_t { identity = 0, saturate = 1, soft = 2 };

// `scale`, `levels`: see core's activation.ts. `afterRelu`: the gradient is 0 at x = 0.
struct ActivationNumbers {
  float scale;
  float levels;
  bool afterRelu;
  StraightThrough straightThrough;
};

struct Identity {
  explicit Identity(const ActivationNumbers&) {}
  QPRUNE_INLINE float value(float x) const { return x; }
  QPRUNE_INLINE float slope(float) const { return 1.0f; }
};

struct Relu {
  explicit Relu(const ActivationNumbers&) {}
  QPRUNE_INLINE float value(float x) const { return x < 0.0f ? 0.0f : x; }
  QPRUNE_INLINE float slope(float x) const { return x > 0.0f ? 1.0f : 0.0f; }
};

// The clamp of scale x to [0, 1]; NaN stays NaN, so that a broken net shows in its loss.
struct UnitClamp {
  explicit UnitClamp(const ActivationNumbers& numbers)
      : scale(numbers.scale), passesAtZero(!numbers.afterRelu) {}
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

struct Unit : UnitClamp {
  explicit Unit(const ActivationNumbers& numbers) : UnitClamp(numbers), levels(numbers.levels) {}
  QPRUNE_INLINE float value(float x) const { return __builtin_rintf(clamped(x) * levels) / levels; }
  float levels;
};

struct UnitSign : UnitClamp {
  explicit UnitSign(const ActivationNumbers& numbers) : UnitClamp(numbers) {}
  QPRUNE_INLINE float value(float x) const {
    const float unit = clamped(x);
    return unit > 0.0f ? 1.0f : unit;
  }
};

// Gradients of the signs. The kind is chosen inside the loop, where the compiler moves it out.
struct ThroughSign {
  explicit ThroughSign(const ActivationNumbers& numbers) : through(numbers.straightThrough) {}
  QPRUNE_INLINE float slope(float x) const {
    const float magnitude = std::fabs(x);
    const float soft = magnitude < 1.0f ? 1.0f - magnitude : 0.0f;
    const float saturate = magnitude < 1.0f ? 1.0f : 0.0f;
    return through == StraightThrough::identity ? 1.0f
           : through == StraightThrough::saturate ? saturate
                                                  : soft;
  }
  StraightThrough through;
};

// A sign of NaN is 0; the norm's statistics then carry the NaN on.
struct Sign : ThroughSign {
  using ThroughSign::ThroughSign;
  QPRUNE_INLINE float value(float x) const { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f); }
};

struct Step : ThroughSign {
  using ThroughSign::ThroughSign;
  QPRUNE_INLINE float value(float x) const { return x > 0.0f ? 1.0f : 0.0f; }
};

struct Ternary : ThroughSign {
  using ThroughSign::ThroughSign;
  QPRUNE_INLINE float value(float x) const { return x > 0.5f ? 1.0f : (x < -0.5f ? -1.0f : 0.0f); }
};

// The attributes that describe an activation, in an op's definition.
#define QPRUNE_ACTIVATION_ATTRIBUTES \
  "kind: int", "unit_scale: float", "levels: float", "after_relu: int", "straight_through: int"

struct ActivationAttributes {
  explicit ActivationAttributes(const Attributes& a)
      : kind(static_cast<ActivationKind>(a.integer("kind"))),
        numbers{a.real("unit_scale"), a.real("levels"), a.integer("after_relu") != 0,
                static_cast<StraightThrough>(a.integer("straight_through"))} {}
  ActivationKind kind;
  ActivationNumbers numbers;
};

}  // namespace qprune

// Calls `loop<Activation>(activation, …)` for the kind at hand, each in clones of its own.
// DEFINE: the non-template clones; CALL: the switch.
#define QPRUNE_DEFINE_FOR_ACTIVATIONS(loop, parameters, arguments)                              \
  QPRUNE_CLONES void loop##Identity parameters { loop<Identity> arguments; }                    \
  QPRUNE_CLONES void loop##Relu parameters { loop<Relu> arguments; }                            \
  QPRUNE_CLONES void loop##Unit parameters { loop<Unit> arguments; }                            \
  QPRUNE_CLONES void loop##UnitSign parameters { loop<UnitSign> arguments; }                    \
  QPRUNE_CLONES void loop##Sign parameters { loop<Sign> arguments; }                            \
  QPRUNE_CLONES void loop##Step parameters { loop<Step> arguments; }                            \
  QPRUNE_CLONES void loop##Ternary parameters { loop<Ternary> arguments; }

#define QPRUNE_CALL_FOR_ACTIVATION(activationKind, loop, ...)             \
  switch (activationKind) {                                               \
    case ActivationKind::identity: loop##Identity(__VA_ARGS__); break;    \
    case ActivationKind::relu: loop##Relu(__VA_ARGS__); break;            \
    case ActivationKind::unit: loop##Unit(__VA_ARGS__); break;            \
    case ActivationKind::unitSign: loop##UnitSign(__VA_ARGS__); break;    \
    case ActivationKind::sign: loop##Sign(__VA_ARGS__); break;            \
    case ActivationKind::step: loop##Step(__VA_ARGS__); break;            \
    case ActivationKind::ternary: loop##Ternary(__VA_ARGS__); break;      \
  }
