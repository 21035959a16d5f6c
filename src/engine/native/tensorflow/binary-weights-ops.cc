// QpruneCenterAndClamp, QpruneBinaryWeights and its gradient; see src/tensor/ops/binary-weights.ts.
#include "../kernels/binary-weights.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

FilterShape filterShapeOf(const Shape& shape) { return {shape[0] * shape[1], shape[2], shape[3]}; }

struct CenterAndClamp {
  explicit CenterAndClamp(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    centerAndClamp(filterShapeOf(shape), run.input(0), run.output(0, shape), threadPool());
  }
};

struct BinaryWeights {
  explicit BinaryWeights(const Attributes& a) : hasAlpha(a.integer("has_alpha") != 0) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    binaryWeights(filterShapeOf(shape), run.input(0), hasAlpha, run.output(0, shape), threadPool());
  }
  bool hasAlpha;
};

struct BinaryWeightsGrad {
  explicit BinaryWeightsGrad(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    binaryWeightsGradient(filterShapeOf(shape), run.input(0), run.input(1), run.output(0, shape), threadPool());
  }
};

const RegisterOp<CenterAndClamp> centerOp("QpruneCenterAndClamp", {"w: float"}, {"y: float"}, {});
const RegisterOp<BinaryWeights> binaryOp("QpruneBinaryWeights", {"w: float"}, {"q: float"}, {"has_alpha: int"});
const RegisterOp<BinaryWeightsGrad> binaryGradOp("QpruneBinaryWeightsGrad", {"dq: float", "w: float"},
                                                 {"dw: float"}, {});

}  // namespace
}  // namespace qprune
