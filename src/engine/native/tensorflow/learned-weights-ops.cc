// QpruneLearnedWeights and its gradient; see src/tensor/ops/learned-weights.ts.
#include "../kernels/quantizers/learned-weights.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct LearnedWeights {
  explicit LearnedWeights(const Attributes& a) : levels(a.integer("levels")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    learnedWeights(run.input(0), elementCount(shape), *run.input(1), static_cast<float>(levels),
                   run.output(0, shape), threadPool());
  }
  int64_t levels;
};

struct LearnedWeightsGradient {
  explicit LearnedWeightsGradient(const Attributes& a) : levels(a.integer("levels")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const Shape stepShape = run.shape(2);
    *run.output(1, stepShape) =
        learnedWeightsGradient(run.input(0), run.input(1), elementCount(shape), *run.input(2),
                               static_cast<float>(levels), run.output(0, shape));
  }
  int64_t levels;
};

const RegisterOp<LearnedWeights> learnedWeightsOp("QpruneLearnedWeights", {"w: float", "step: float"}, {"q: float"},
                                                  {"levels: int"});
const RegisterOp<LearnedWeightsGradient> learnedWeightsGradOp("QpruneLearnedWeightsGrad",
                                                              {"dq: float", "w: float", "step: float"},
                                                              {"dw: float", "d_step: float"}, {"levels: int"});

}  // namespace
}  // namespace qprune
