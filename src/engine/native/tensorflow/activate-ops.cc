// QpruneActivate: y = f(x). QpruneActivateGrad: dx = f'(x) dy.
#include "../kernels/activation/activate.h"

#include "../kernels/threads/thread-pool.h"
#include "activation-attributes.h"

namespace qprune {
namespace {

struct Activate {
  explicit Activate(const Attributes& a) : activation(activationOf(a)), output(quantizedOutput(a)) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    activate(activation, run.values(0), output.of(run, shape), elementCount(shape), threadPool());
  }
  Activation activation;
  StoredOutput output;
};

struct ActivateGrad {
  explicit ActivateGrad(const Attributes& a) : activation(activationOf(a)), stored(a.storage("Tdx")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    activateGradient(activation, run.values(0), run.values(1), run.results(0, shape, stored), elementCount(shape),
                     threadPool());
  }
  Activation activation;
  Storage stored;
};

const RegisterOp<Activate> activateOp("QpruneActivate", {"x: Tx"}, {"y: Ty"},
                                      {QPRUNE_MAPS("Tx"), QPRUNE_QUANTIZED_OUTPUT,
                                       QPRUNE_ACTIVATION_ATTRIBUTES});
const RegisterOp<ActivateGrad> activateGradOp("QpruneActivateGrad", {"dy: Tdy", "x: Tx"}, {"dx: Tdx"},
                                              {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Tdx"),
                                               QPRUNE_ACTIVATION_ATTRIBUTES});

}  // namespace
}  // namespace qprune
