// QpruneSgd: one step of SGD for several parameters; see src/tensor/ops/sgd-update.ts.
#include "../kernels/optimizer/sgd.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

constexpr int kNumbers = 3;

struct Sgd {
  explicit Sgd(const Attributes& a) : count(static_cast<int>(a.integer("count"))) {}
  void compute(Run& run) const {
    const float* numbers = run.input(3 * count);
    std::vector<SgdParameter> parameters(count);
    std::vector<int64_t> sizes(count);
    for (int i = 0; i < count; i++) {
      const Shape shape = run.shape(i);
      const float* n = numbers + i * kNumbers;
      sizes[i] = elementCount(shape);
      parameters[i] = {{n[0], n[1], n[2]},
                       run.input(i),
                       run.input(count + i),
                       run.input(2 * count + i),
                       run.output(i, shape),
                       run.output(count + i, shape)};
    }
    sgdUpdate(parameters.data(), sizes.data(), count, threadPool());
  }
  int count;
};

const RegisterOp<Sgd> sgdOp("QpruneSgd",
                            {"value: count * float", "momentum: count * float", "gradient: count * float",
                             "numbers: float"},
                            {"new_value: count * float", "new_momentum: count * float"}, {"count: int >= 1"});

}  // namespace
}  // namespace qprune
