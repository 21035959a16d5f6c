// QpruneSgd: one step of SGD for one parameter; see src/tensor/ops/sgd-update.ts.
#include "../kernels/optimizer/sgd.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Sgd {
  explicit Sgd(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    // An input, as for Adam: an attribute would create a new kernel for each learning rate.
    const float* n = run.input(3);
    const SgdStep step{n[0], n[1], n[2]};
    const SgdInputs in{run.input(0), run.input(1), run.input(2)};
    const SgdOutputs out{run.output(0, shape), run.output(1, shape)};
    sgdUpdate(step, in, out, elementCount(shape), threadPool());
  }
};

const RegisterOp<Sgd> sgdOp("QpruneSgd", {"value: float", "momentum: float", "gradient: float", "numbers: float"},
                            {"new_value: float", "new_momentum: float"}, {});

}  // namespace
}  // namespace qprune
