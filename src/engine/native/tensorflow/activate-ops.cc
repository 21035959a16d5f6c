// QpruneActivate: y = f(x). QpruneActivateGrad: dx = f'(x) dy.
#include "../kernels/activation/activate.h"

#include "../kernels/threads/thread-pool.h"
#include "activation-attributes.h"

namespace qprune {
namespace {

struct Activate {
  explicit Activate(const Attributes& a)
      : activation(activationOf(a)), stored(a.storage("Ty")), levels(static_cast<float>(a.integer("y_levels"))) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    activate(activation, run.values(0), run.results(0, shape, stored, levels), elementCount(shape), threadPool());
  }
  Activation activation;
  Storage stored;
  float levels;  // of a y that is stored as codes
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
                                      {QPRUNE_MAPS("Tx"), QPRUNE_QUANTIZED_MAPS("Ty"), "y_levels: int",
                                       QPRUNE_ACTIVATION_ATTRIBUTES});
const RegisterOp<ActivateGrad> activateGradOp("QpruneActivateGrad", {"dy: Tdy", "x: Tx"}, {"dx: Tdx"},
                                              {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Tdx"),
                                               QPRUNE_ACTIVATION_ATTRIBUTES});

}  // namespace
}  // namespace qprune
