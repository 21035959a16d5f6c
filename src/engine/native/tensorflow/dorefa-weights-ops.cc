// QpruneDorefaWeights and its gradient; see src/tensor/ops/dorefa-weights.ts.
#include "../kernels/dorefa-weights.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct DorefaWeights {
  explicit DorefaWeights(const Attributes& a) : levels(a.integer("levels")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    dorefaWeights(run.input(0), elementCount(shape), static_cast<float>(levels), run.output(0, shape),
                  threadPool());
  }
  int64_t levels;
};

struct DorefaWeightsGradient {
  explicit DorefaWeightsGradient(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t count = elementCount(shape);
    void* scratch = run.scratch(dorefaWeightsGradientScratchBytes(count));
    dorefaWeightsGradient(run.input(0), run.input(1), count, run.output(0, shape), scratch, threadPool());
  }
};

const RegisterOp<DorefaWeights> dorefaWeightsOp("QpruneDorefaWeights", {"t: float"}, {"q: float"},
                                                {"levels: int"});
const RegisterOp<DorefaWeightsGradient> dorefaWeightsGradOp(
    "QpruneDorefaWeightsGrad", {"dq: float", "w: float"}, {"dw: float"}, {});

}  // namespace
}  // namespace qprune
