// Whether convolutions of bfloat16 operands use the processor's instructions: 1 or 0.
#include "../kernels/bf16-conv/run-panel.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Bf16Support {
  explicit Bf16Support(const Attributes&) {}
  void compute(Run& run) const { *run.output(0, {1}) = runLoops().multiply == multiplyRuns ? 0.0f : 1.0f; }
};

const RegisterOp<Bf16Support> supportOp("QpruneBf16Support", {}, {"is_multiplied: float"}, {});

}  // namespace
}  // namespace qprune
