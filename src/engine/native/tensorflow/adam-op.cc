// QpruneAdam: one step of Adam for one parameter; see src/tensor/ops/adam-update.ts.
#include "../kernels/optimizer/adam.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Adam {
  explicit Adam(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    // An input: these change with every step, and TensorFlow creates a new kernel for each value of an attribute.
    const float* n = run.input(4);
    const AdamStep step{n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]};
    const AdamInputs in{run.input(0), run.input(1), run.input(2), run.input(3)};
    const AdamOutputs out{run.output(0, shape), run.output(1, shape), run.output(2, shape)};
    adamUpdate(step, in, out, elementCount(shape), threadPool());
  }
};

const RegisterOp<Adam> adamOp(
    "QpruneAdam", {"value: float", "m: float", "v: float", "gradient: float", "numbers: float"},
    {"new_value: float", "new_m: float", "new_v: float"}, {});

}  // namespace
}  // namespace qprune
