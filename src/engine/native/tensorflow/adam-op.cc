// QpruneAdam: one step of Adam for several parameters; see src/tensor/ops/adam-update.ts.
#include "../kernels/optimizer/adam.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

constexpr int kNumbers = 8;

struct Adam {
  explicit Adam(const Attributes& a) : count(static_cast<int>(a.integer("count"))) {}
  void compute(Run& run) const {
    const float* numbers = run.input(4 * count);
    std::vector<AdamParameter> parameters(count);
    std::vector<int64_t> sizes(count);
    for (int i = 0; i < count; i++) {
      const Shape shape = run.shape(i);
      const float* n = numbers + i * kNumbers;
      sizes[i] = elementCount(shape);
      parameters[i] = {{n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]},
                       run.input(i),
                       run.input(count + i),
                       run.input(2 * count + i),
                       run.input(3 * count + i),
                       run.output(i, shape),
                       run.output(count + i, shape),
                       run.output(2 * count + i, shape)};
    }
    adamUpdate(parameters.data(), sizes.data(), count, threadPool());
  }
  int count;
};

const RegisterOp<Adam> adamOp("QpruneAdam",
                              {"value: count * float", "m: count * float", "v: count * float",
                               "gradient: count * float", "numbers: float"},
                              {"new_value: count * float", "new_m: count * float", "new_v: count * float"},
                              {"count: int >= 1"});

}  // namespace
}  // namespace qprune
