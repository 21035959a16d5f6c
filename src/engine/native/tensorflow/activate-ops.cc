// QpruneActivate: y = f(x). QpruneActivateGrad: dx = f'(x) dy.
#include "../kernels/activation/activate.h"

#include "../kernels/threads/thread-pool.h"
#include "activation-attributes.h"

namespace qprune {
namespace {

struct Activate {
  explicit Activate(const Attributes& a) : activation(activationOf(a)) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    activate(activation, run.input(0), run.output(0, shape), elementCount(shape), threadPool());
  }
  Activation activation;
};

struct ActivateGrad {
  explicit ActivateGrad(const Attributes& a) : activation(activationOf(a)) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    activateGradient(activation, run.input(0), run.input(1), run.output(0, shape), elementCount(shape),
                     threadPool());
  }
  Activation activation;
};

const RegisterOp<Activate> activateOp("QpruneActivate", {"x: float"}, {"y: float"},
                                      {QPRUNE_ACTIVATION_ATTRIBUTES});
const RegisterOp<ActivateGrad> activateGradOp("QpruneActivateGrad", {"dy: float", "x: float"}, {"dx: float"},
                                              {QPRUNE_ACTIVATION_ATTRIBUTES});

}  // namespace
}  // namespace qprune
