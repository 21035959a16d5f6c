// How a caller describes an elementwise activation.
#pragma once

#include <cstdint>

namespace qprune {

// The numbers are those of src/engine/native-kernels/activation-attributes.ts; src/tensor/ops/activation.ts defines the
// activations (`unit`, `unitSign` and `signedUnit` there are the uniform ones here).
enum class ActivationKind : int64_t {
  identity = 0, relu = 1, uniform = 2, uniformOneBit = 3, sign = 4, step = 5, ternary = 6, relu6 = 7, sigmoid = 8,
  silu = 9, hardSigmoid = 10, hardSwish = 11, leakyRelu = 12, signedUniform = 13, affine = 14,
  // Those of the uniform ones whose values are codes, whole numbers up to the levels.
  uniformCodes = 15, signedUniformCodes = 16
};
// How the gradient passes a sign: as it is, where |x| < 1, or times max(0, 1 - |x|).
enum class StraightThrough : int64_t { identity = 0, saturate = 1, soft = 2 };

struct Activation {
  ActivationKind kind;
  float scale;     // of the uniform ones: x is multiplied by it before the clamp to [0, 1] or [-1, 1]; of affine: of its grid
  float levels;    // of the uniform ones: steps of [0, 1]; of affine: the largest code
  bool afterRelu;  // of uniform and uniformOneBit: the gradient is 0 at x = 0
  float limit;     // of uniform and uniformOneBit: the upper end of a ReLU6 before them, otherwise the largest float
  StraightThrough straightThrough;  // of sign, step and ternary
  float slope;     // of leakyRelu, where x <= 0
  float zero;      // of affine: the code of 0
};

// The same activation with codes as its values. Others than the uniform ones have whole numbers anyway.
inline Activation withCodes(Activation activation) {
  if (activation.kind == ActivationKind::uniform) activation.kind = ActivationKind::uniformCodes;
  if (activation.kind == ActivationKind::signedUniform) activation.kind = ActivationKind::signedUniformCodes;
  return activation;
}

}  // namespace qprune
