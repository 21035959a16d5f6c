// The activations in full precision, with their gradients: one function object each. Values and gradients are PyTorch's,
// also at the kinks. NaN stays NaN, so that the loss shows a diverged net.
#pragma once

#include "activation.h"
#include "../clamp.h"
#include "../exponential.h"
#include "../multiversion.h"

namespace qprune {

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

struct Relu6 {
  explicit Relu6(const Activation&) {}
  QPRUNE_INLINE float value(float x) const { return clamped(x); }
  QPRUNE_INLINE float slope(float x) const { return (x > 0.0f) & (x < 6.0f) ? 1.0f : 0.0f; }
  Clamp clamped{0.0f, 6.0f};
};

struct Logistic {
  explicit Logistic(const Activation&) {}
  QPRUNE_INLINE float logistic(float x) const { return 1.0f / (1.0f + exponential(-x)); }
  Exponential exponential;
};

struct Sigmoid : Logistic {
  using Logistic::Logistic;
  QPRUNE_INLINE float value(float x) const { return logistic(x); }
  QPRUNE_INLINE float slope(float x) const {
    const float s = logistic(x);
    return s * (1.0f - s);
  }
};

struct Silu : Logistic {
  using Logistic::Logistic;
  QPRUNE_INLINE float value(float x) const { return x * logistic(x); }
  QPRUNE_INLINE float slope(float x) const {
    const float s = logistic(x);
    return s * (x * (1.0f - s) + 1.0f);
  }
};

struct HardSigmoid {
  explicit HardSigmoid(const Activation&) {}
  QPRUNE_INLINE float value(float x) const { return clamped(x + 3.0f) / 6.0f; }
  QPRUNE_INLINE float slope(float x) const { return (x > -3.0f) & (x < 3.0f) ? 1.0f / 6.0f : 0.0f; }
  Clamp clamped{0.0f, 6.0f};
};

struct HardSwish {
  explicit HardSwish(const Activation&) {}
  QPRUNE_INLINE float value(float x) const { return x * clamped(x + 3.0f) / 6.0f; }
  QPRUNE_INLINE float slope(float x) const {
    const float inside = (x > -3.0f) & (x < 3.0f) ? 1.0f : 0.0f;
    const float above = x >= 3.0f ? 1.0f : 0.0f;
    return (middle(x) / 3.0f + 0.5f) * inside + above;
  }
  Clamp clamped{0.0f, 6.0f};
  Clamp middle{-3.0f, 3.0f};
};

struct LeakyRelu {
  explicit LeakyRelu(const Activation& a) : below(a.slope) {}
  QPRUNE_INLINE float value(float x) const { return x * slope(x); }
  QPRUNE_INLINE float slope(float x) const { return x > 0.0f ? above : below; }
  float below;
  float above = hidden(1.0f);
};

}  // namespace qprune
